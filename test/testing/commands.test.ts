import { describe, expect, it } from '@jest/globals';
import { defineCommand, definePlugin, textTable, z } from '../../src/index.js';
import { testPlugin } from '../../src/testing/index.js';
import orders from '../fixtures/plugins/orders/index.js';

describe('a command under test', () => {
  const { options, commands = [] } = orders;
  const plugin = definePlugin({ name: 'orders', methods: [], commands, ...(options === undefined ? {} : { options }) });

  it('gives its result and its text, and shares the records with the plugin', async () => {
    const tested = await testPlugin(plugin, { options: { shop: 'corner' } });
    expect(await tested.run('orders add', { id: '17', customer: 'Ada', item: ['+16315551002'] })).toEqual({
      result: { id: '17', shop: 'corner', kind: 'new', keepDays: 7, channels: 0 },
      text: 'added 17 to corner\n',
    });
    expect(await tested.state.get('17')).toMatchObject({ customer: 'Ada' });
    expect((await tested.run('orders list', { customer: 'Ada' })).text).toBe('ID  ITEMS\n17  +********002\n');
    await expect(tested.run('orders list', { customer: 'Bob' })).rejects.toMatchObject({
      code: 'ESP_HOST_COMMAND_FAILED',
    });
    await tested.stop();
  });

  it('must exist, and get input that fits', async () => {
    const tested = await testPlugin(plugin);
    await expect(tested.run('orders lst')).rejects.toThrow(/no command 'orders lst'; it has: orders add, orders list/);
    await expect(tested.run('orders add', { id: 'x' })).rejects.toMatchObject({ name: 'TestSetupError' });
    await tested.stop();
  });
});

describe('defineCommand refuses', () => {
  const define = (name: string, key = 'id', positional: 'id'[] = []) =>
    defineCommand({
      name,
      summary: '',
      input: z.strictObject({ [key]: z.string() }),
      arguments: positional,
      run: () => undefined,
      text: () => '',
    });

  it.each([
    ['a name of three words', () => define('a b c')],
    ['an empty name', () => define('')],
    ['a name in upper case', () => define('List')],
    ['an option that every command has', () => define('list', 'json')],
    ['an option that is not in camel case', () => define('list', 'the-id')],
    ['an argument that the input does not have', () => define('list', 'other', ['id'])],
  ])('%s', (_what, wrong) => {
    expect(wrong).toThrow(expect.objectContaining({ code: 'ESP_HOST_INVALID_PLUGIN' }));
  });
});

it('a table is as wide as its longest cells', () => {
  expect(textTable(['A', 'B'], [['1', 'two'], ['three'], ['😀', 'x']])).toBe(
    'A      B\n1      two\nthree\n😀      x\n',
  );
});
