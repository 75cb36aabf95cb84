import { describe, expect, it } from '@jest/globals';
import { methodName } from '../../../src/cli/new/names.js';
import { methodSource, pluginSource, testSource, withMethod } from '../../../src/cli/new/sources.js';

const get = methodName('Billing.GetBalance');

describe('the sources of a method', () => {
  const plan = { method: get, parameters: [], response: [] };

  it('name its channel type, if it has one', () => {
    const [source, test] = [methodSource, testSource].map((write) => write({ ...plan, channel: 'sms' }));
    expect(source).toContain("  channel: 'sms',\n");
    expect(test).toContain("testMethod(GetBalance, { channels: { main: { type: 'sms' } } })");
  });

  it('name no channel otherwise', () => {
    const [source, test] = [methodSource, testSource].map((write) => write({ ...plan, channel: undefined }));
    expect(source).not.toContain('channel');
    expect(test).toContain('testMethod(GetBalance);');
  });
});

describe('a method is added to a plugin', () => {
  it('without any', () => {
    expect(withMethod(pluginSource('billing', undefined), get)).toBe(pluginSource('billing', get));
  });

  it('with others, in alphabetical order', () => {
    const text = withMethod(pluginSource('billing', get), methodName('Billing.Charge'));
    expect(text).toBe(
      [
        `import { definePlugin } from 'esp-host';`,
        `import { Charge } from './charge.js';`,
        `import { GetBalance } from './get-balance.js';`,
        '',
        'export default definePlugin({',
        `  name: 'billing',`,
        '  methods: [GetBalance, Charge],',
        '});',
        '',
      ].join('\n'),
    );
  });

  it('with many, a line each', () => {
    let text = pluginSource('billing', get);
    for (let i = 1; i < 9; i++) text = withMethod(text, methodName(`Billing.GetBalance${i}`)) ?? '';
    expect(text).toMatch(/ {2}methods: \[\n {4}GetBalance,\n {4}GetBalance1,\n.* {4}GetBalance8,\n {2}\],\n/s);
    expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(120);
  });

  it.each([
    ['export default definePlugin({ methods });'],
    [`import { definePlugin } from 'esp-host';\nexport default definePlugin({ name: 'a', methods: all });`],
    [pluginSource('billing', get)],
  ])('but not if that is uncertain: %j', (text) => expect(withMethod(text, get)).toBeUndefined());
});
