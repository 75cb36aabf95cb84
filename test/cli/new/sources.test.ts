import { describe, expect, it } from '@jest/globals';
import { channelDefinition } from '../../../src/cli/new/channel.js';
import { parseFields } from '../../../src/cli/new/fields.js';
import { methodName } from '../../../src/cli/new/names.js';
import { methodSource, pluginSource, testSource, withChannelType, withMethod } from '../../../src/cli/new/sources.js';

const get = methodName('Billing.GetBalance');

describe('the sources of a method', () => {
  const plan = { method: get, parameters: [], response: [] };

  it('name its channel type, if it has one', () => {
    const [source, test] = [methodSource, testSource].map((write) => write({ ...plan, channel: { type: 'sms' } }));
    expect(source).toContain("  channel: 'sms',\n");
    expect(test).toContain("testMethod(GetBalance, { channels: { main: { type: 'sms' } } })");
  });

  it('import a channel type of the plugin', () => {
    const channel = { type: 'crm', definition: channelDefinition('crm') };
    const [source, test] = [methodSource, testSource].map((write) => write({ ...plan, channel }));
    expect(source).toContain("import { crmChannel } from './crm-channel.js';\n\nconst parameters");
    expect(source).toContain('  channel: crmChannel,\n');
    expect(source).toContain('EspMethodHandler<typeof parameters, typeof response, typeof crmChannel> {');
    expect(source).toContain('handle(call: EspCall<typeof parameters, typeof crmChannel>) {');
    expect(source).toContain('// The settings of the channel are in call.channel.settings.\n');
    expect(test).toContain("{ channels: { main: { type: 'crm', url: 'https://api.example' } } }");
  });

  it('name no channel otherwise', () => {
    const [source, test] = [methodSource, testSource].map((write) => write({ ...plan, channel: undefined }));
    expect(source).not.toContain('channel');
    expect(test).toContain('testMethod(GetBalance);');
  });
});

describe('the files of a method', () => {
  const plan = {
    method: get,
    parameters: parseFields(['Account', 'Tags:string[]', 'Count:int?']),
    response: parseFields(['Balance:int', 'Note?']),
    channel: undefined,
  };

  it('have its schemas, and a class that answers with samples', () => {
    expect(methodSource(plan)).toBe(`import { type EspCall, EspMethod, type EspMethodHandler, z } from 'esp-host';

const parameters = z.object({
  Account: z.string(),
  Tags: z.array(z.string()),
  Count: z.int().optional(),
});

const response = z.object({
  Balance: z.int(),
  Note: z.string().optional(),
});

@EspMethod('Billing', 'GetBalance', {
  parameters,
  response,
  description: 'Billing.GetBalance: describe it for strategists here.',
})
export class GetBalance implements EspMethodHandler<typeof parameters, typeof response> {
  async handle(call: EspCall<typeof parameters>) {
    call.logger.debug('called', { parameters: Object.keys(call.parameters) });
    // Call an upstream with call.http. To answer with a fault, throw new EspFault(code, text).
    return {
      Balance: 1,
      Note: 'some Note',
    };
  }
}
`);
  });

  it('have a test of the answer, and one per required parameter', () => {
    const head = `import { expect, it } from '@jest/globals';
import { espMatchers, testMethod } from 'esp-host/testing';
import { GetBalance } from './get-balance.js';

expect.extend(espMatchers);

it('Billing.GetBalance answers', async () => {
  const method = await testMethod(GetBalance);
`;
    expect(testSource(plan)).toBe(`${head}  const outcome = await method.call({
    Account: 'some Account',
    Tags: ['some Tags', 'more Tags'],
    Count: 1,
  });
  expect(outcome).toBeEspResponse({
    Balance: 1,
    Note: 'some Note',
  });
});

it('Billing.GetBalance needs Account', async () => {
  const method = await testMethod(GetBalance);
  const outcome = await method.call({
    Tags: ['some Tags', 'more Tags'],
  });
  expect(outcome).toBeEspFault(904, 'Billing.GetBalance incorrect Account: missing');
});

it('Billing.GetBalance needs Tags', async () => {
  const method = await testMethod(GetBalance);
  const outcome = await method.call({
    Account: 'some Account',
  });
  expect(outcome).toBeEspFault(904, 'Billing.GetBalance incorrect Tags: missing');
});
`);
    expect(testSource({ ...plan, parameters: [], response: [] })).toBe(`${head}  const outcome = await method.call({});
  expect(outcome).toBeEspResponse({});
});
`);
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

  it('in a line of up to 119 characters', () => {
    const added = (length: number) => {
      const before = `import { A } from './a.js';\n  methods: [${'B'.repeat(length - 25)}]\n`;
      return withMethod(before, methodName('Billing.GetBalance'))?.split('\n').slice(2);
    };
    expect(added(119)?.[0]).toHaveLength(119);
    expect(added(120)).toEqual(['  methods: [', `    ${'B'.repeat(95)},`, '    GetBalance,', '  ]', '']);
  });

  it('after the imports of packages, and of folders above', () => {
    const source = (own: string) =>
      `import { a } from 'zod';\nimport { b } from '../z.js';\n${own}import { Z } from './z.js';\n  methods: [Z]\n`;
    expect(withMethod(source(''), get)).toBe(
      source(`import { GetBalance } from './get-balance.js';\n`).replace('[Z]', '[Z, GetBalance]'),
    );
  });

  it.each([
    ['export default definePlugin({ methods });'],
    ['  methods: [A]\n'],
    [`import { definePlugin } from 'esp-host';\nexport default definePlugin({ name: 'a', methods: all });`],
    [pluginSource('billing', get)],
  ])('but not if that is uncertain: %j', (text) => expect(withMethod(text, get)).toBeUndefined());
});

describe('a channel type is added to index.ts', () => {
  const definition = channelDefinition('crm');
  const source = pluginSource('billing', get);
  const imported = "import { crmChannel } from './crm-channel.js';\nimport { GetBalance }";

  it('after the methods, with a mock if the plugin brings it', () => {
    const changed = withChannelType(source, definition, true);
    expect(changed).toContain("  channels: [crmChannel],\n  mock: () => import('./mock.js'),\n});");
    expect(changed).toContain(imported);
    expect(withChannelType(source, definition, false)).toContain('  channels: [crmChannel],\n});');
  });

  it.each([
    ['[a, b]', '[a, b, crmChannel]'],
    ['[]', '[crmChannel]'],
    ['[\n    a,\n  ]', '[a, crmChannel]'],
  ])('to the channels %j', (before, after) => {
    const changed = withChannelType(source.replace('});', `  channels: ${before},\n});`), definition, false);
    expect(changed).toContain(`  channels: ${after},\n});`);
  });

  it.each(['export default plugin;\n', source.replace('  methods', '  all')])('unless it is unusual: %j', (unusual) =>
    expect(withChannelType(unusual, definition, false)).toBeUndefined(),
  );
});
