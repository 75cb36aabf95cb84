import { describe, expect, it } from '@jest/globals';
import { definePlugin, EspMethod, KeyValueList, z } from 'esp-host';
import { testPlugin } from 'esp-host/testing';
import { fieldsOf, withInner } from '../../../src/cli/methods/fields.js';
import { markdown, text } from '../../../src/cli/methods/print.js';
import { referenceOf } from '../../../src/cli/methods/reference.js';
import { parseConfig } from '../../../src/config/index.js';

const parameters = z.object({
  Account: z.string().regex(/^\d+$/, 'no number').describe('The account'),
  Kind: z.enum(['new', 'old']).default('new'),
  Count: z.int().min(1, 'less than one').optional(),
  Tags: z.array(z.string()).default([]),
  Raw: z.instanceof(Uint8Array).optional(),
  Address: z.object({ City: z.string() }).optional(),
  More: z.record(z.string(), z.string()).optional(),
  Limit: z.union([z.int(), z.literal('none')]).optional(),
});

class GetBalance {
  handle = () => ({ Balance: 'none' });
}
EspMethod('Billing', 'GetBalance', {
  parameters,
  response: z.object({ Balance: z.string().describe('The balance'), Note: z.string().optional() }),
  channel: 'ledger',
})(GetBalance);
class Ping {
  handle = () => ({});
}
EspMethod('Billing', 'Ping', { parameters: z.looseObject({}), response: z.looseObject({}), warning: 'slow' })(Ping);
const plugin = definePlugin({ name: 'billing', methods: [GetBalance, Ping] });

const reference = (channels: string) =>
  referenceOf(parseConfig(`application: { name: Billing, type: 23 }\nchannels: ${channels}\n`), [
    { use: './billing', definition: plugin },
  ]);

const [balance, ping] = reference('{ main: { type: ledger }, other: { type: sms } }').methods;

describe('the reference', () => {
  it('has fields with ESP types', () => {
    const told = fieldsOf(parameters, 'input').map(({ name, type, repeated, required }) => [
      name,
      type,
      repeated,
      required,
    ]);
    expect(told).toEqual([
      ['Account', 'string', false, true],
      ['Kind', 'one of new, old', false, false],
      ['Count', 'int', false, false],
      ['Tags', 'string', true, false],
      ['Raw', 'binary', false, false],
      ['Address', 'list', false, false],
      ['More', 'list', false, false],
      ['Limit', "int or 'none'", false, false],
    ]);
    expect(fieldsOf(parameters, 'input')[0]?.meaning).toBe('The account');
    expect(fieldsOf(parameters, 'input')[1]?.default).toBe('new');
    expect(fieldsOf(z.looseObject({}), 'input')).toEqual([]);
  });

  it('has the channel, which is optional if there is only one', () => {
    const meaning = "The channel, from _umsChannel in the interaction's user data: ";
    const [none] = reference('{}').methods;
    expect(none?.parameters[0]).toEqual({
      ...{ name: '_umsChannel', type: 'string', repeated: false, required: true },
      meaning: `${meaning}none is configured`,
    });
    expect(balance?.parameters[0]?.meaning).toBe(`${meaning}main`);
    expect(ping).toEqual({
      ...{ service: 'Billing', method: 'Ping', description: '', warning: 'slow', idempotent: true, deadlineMs: 10_000 },
      ...{ parameters: [], response: [], faults: expect.any(Array) },
    });
    expect(balance).not.toHaveProperty('warning');
    expect(balance?.parameters[0]).toMatchObject({ name: '_umsChannel', required: false, default: 'main' });
    const [two] = reference('{ a: { type: ledger }, b: { type: ledger } }').methods;
    expect(two?.parameters[0]).toMatchObject({ required: true, meaning: expect.stringMatching(/: a, b$/) });
    expect(two?.faults.map(({ text }) => text)).toContain(
      'Billing.GetBalance incorrect _umsChannel: needed, 2 channels are configured',
    );
  });

  it('has the faults 904 of each parameter, with their real texts', async () => {
    const texts = balance?.faults.filter(({ code }) => code === '904').map(({ text }) => text.split('incorrect ')[1]);
    expect(texts).toEqual([
      'Account: missing',
      'Account: not a string',
      'Account: no number',
      'Kind: not one of new, old',
      'Count: not an int',
      'Tags.0: not a string',
      'Raw: not binary',
      'Address.City: missing',
      'Address: not a list',
      'Address.City: not a string',
      'More: not a list',
      'Limit: not an int or one of none',
      "_umsChannel: no channel 'X'",
    ]);
    const tested = await testPlugin(plugin, { channels: { main: { type: 'ledger' } } });
    const wrong = KeyValueList.from({ Account: '1', Limit: 'some' });
    expect((await tested.call('Billing.GetBalance', wrong)).fault?.text).toBe(
      'Billing.GetBalance incorrect Limit: not an int or one of none',
    );
  });

  it('has those of the host, with its deadline and its name', () => {
    expect(ping?.faults.map(({ code, text }) => `${code} ${text}`)).toEqual([
      '920 Billing failed to execute request Billing.Ping: deadline of 10000 ms passed',
      '920 Billing failed to execute request Billing.Ping: overloaded',
      '920 Billing failed to execute request Billing.Ping: stopping',
      '900 Billing.Ping failed unexpectedly (ReferenceId 17)',
    ]);
    expect(ping?.warning).toBe('slow');
  });

  it('has those of a method that is not idempotent', () => {
    class Send {
      handle = () => ({});
    }
    EspMethod('Texts', 'Send', { parameters: z.object({}), response: z.object({}), channel: 'sms', idempotent: false })(
      Send,
    );
    const loaded = parseConfig('application: { name: Texts }\nchannels: { sms: { type: sms } }\n');
    const texts = definePlugin({ name: 'texts', methods: [Send] });
    const [send] = referenceOf(loaded, [{ use: './texts', definition: texts }]).methods;
    expect([send?.idempotent, ping?.idempotent]).toEqual([false, true]);
    expect(
      send?.faults.map(({ text }) => text).filter((text) => text.endsWith('; whether it was done is unknown')),
    ).toEqual([
      'CHANNEL failed to execute request Texts.Send: no answer within 5000 ms; whether it was done is unknown',
      'CHANNEL failed to execute request Texts.Send: deadline of 10000 ms passed; whether it was done is unknown',
      'Texts failed to execute request Texts.Send: stopping; whether it was done is unknown',
    ]);
  });
});

describe('a method with lists in lists', () => {
  interface Node {
    readonly Name: string;
    readonly Child?: Node | undefined;
  }
  const node: z.ZodType<Node> = z.lazy(() => z.object({ Name: z.string(), Child: node.optional() }));
  const item = z.object({ Code: z.enum(['a', 'b']).describe('What | it is'), Count: z.int().default(1) });
  class Order {
    handle = () => new KeyValueList();
  }
  EspMethod('Shop', 'Order', {
    parameters: z.object({
      Items: z.array(item).describe('At least one'),
      Tree: node.optional(),
      Choice: z.union([z.object({ A: z.string() }), z.object({ B: z.string() })]).optional(),
      Either: z.union([z.object({ A: z.string() }), z.int()]).optional(),
    }),
    response: z.object({ Total: z.object({ Amount: z.int(), Note: z.string().optional() }) }),
  })(Order);
  const loaded = parseConfig('application: { name: Own }\n');
  const all = referenceOf(loaded, [{ use: './shop', definition: definePlugin({ name: 'shop', methods: [Order] }) }]);
  const [method] = all.methods;

  it('has their keys, those of a recursive one once, and none of a choice of lists', () => {
    const paths = (fields: Parameters<typeof withInner>[0] = []) => withInner(fields).map(({ path }) => path);
    expect(paths(method?.parameters)).toEqual([
      ...['Items', 'Items.Code', 'Items.Count'],
      ...['Tree', 'Tree.Name', 'Tree.Child'],
      ...['Choice', 'Either', 'Either.A'],
    ]);
    expect(paths(method?.response)).toEqual(['Total', 'Total.Amount', 'Total.Note']);
    expect(method?.parameters.map(({ type }) => type)).toEqual(['list', 'list', 'list', 'list or int']);
    expect(method?.parameters[0]?.fields?.[1]).toEqual({
      ...{ name: 'Count', type: 'int', repeated: false, required: false, meaning: '', default: 1 },
    });
  });

  it('has the faults of their keys', async () => {
    const texts = method?.faults.filter(({ code }) => code === '904').map(({ text }) => text.split('incorrect ')[1]);
    expect(texts).toEqual([
      ...['Items: missing', 'Items.0.Code: missing', 'Items.0: not a list'],
      ...['Items.0.Code: not one of a, b', 'Items.0.Count: not an int'],
      ...['Tree.Name: missing', 'Tree: not a list', 'Tree.Name: not a string'],
      ...['Tree.Child.Name: missing', 'Tree.Child: not a list'],
      ...['Choice: not a list', 'Choice: Invalid input'],
      ...['Either: not a list or an int', 'Either: Invalid input'],
    ]);
    const tested = await testPlugin(definePlugin({ name: 'shop', methods: [Order] }));
    const { fault } = await tested.call('Shop.Order', { Items: [{ Code: 'c' }] });
    expect(fault?.text).toBe('Shop.Order incorrect Items.0.Code: not one of a, b');
  });

  it('is printed with a row for each key', () => {
    const page = markdown(all);
    expect(page).toContain(
      [
        '| `Items` | list, repeatable key | yes |  | At least one |',
        '| `Items.Code` | one of a, b | in each `Items` |  | What \\| it is |',
        '| `Items.Count` | int | no | `1` |  |',
      ].join('\n'),
    );
    expect(page).toContain('| `Total.Amount` | int | in each `Total` |  |\n| `Total.Note` | string | no |  |');
    expect(page).toContain('| Parameters | `Items`, `Tree` (optional), `Choice` (optional), `Either` (optional) |');
  });
});

describe('a method with its own deadline', () => {
  const told = (deadlineMs: number) => {
    class Slow {
      handle = () => ({});
    }
    EspMethod('Own', 'Slow', { parameters: z.object({}), response: z.object({}), deadlineMs })(Slow);
    const loaded = parseConfig('application: { name: Own }\nlimits: { deadlineMs: 2000 }\n');
    const definition = definePlugin({ name: 'own', methods: [Slow] });
    const all = referenceOf(loaded, [{ use: './own', definition }]);
    return { all, method: all.methods[0], fault: all.methods[0]?.faults.find(({ when }) => when.includes('deadline')) };
  };

  it('has it in its faults and in the time-out of the block', () => {
    const { all, method, fault } = told(500);
    expect(method).toMatchObject({ deadlineMs: 500 });
    expect(method).not.toHaveProperty('ownDeadlineMs');
    expect(fault?.text).toContain('deadline of 500 ms passed');
    expect(text(all)).toContain('\n  Deadline: 500 ms.\n');
    expect(markdown(all)).toContain('\n\nDeadline: 500 ms.\n\n### Parameters');
    expect(markdown(all)).toContain('| Service timeout | more than 500 ms:');
  });

  it('has that of the host if it is shorter, and says so', () => {
    const { all, method, fault } = told(2001);
    expect(method).toMatchObject({ deadlineMs: 2000, ownDeadlineMs: 2001 });
    expect(fault?.text).toContain('deadline of 2000 ms passed');
    const line = 'Deadline: 2000 ms (limits.deadlineMs), although the method asks for 2001 ms.';
    expect(text(all)).toContain(`\n  ${line}\n`);
    expect(markdown(all)).toContain(`\n\n${line}\n\n`);
    expect(text(told(2000).all)).not.toContain('Deadline');
  });
});

describe('the faults of the reference', () => {
  it('are told with when they come', () => {
    const { faults, methods, application, deadlineMs } = reference('{ a: { type: ledger }, b: { type: ledger } }');
    expect([application, deadlineMs]).toEqual([
      { name: 'Billing', type: 23, typeName: expect.stringMatching(/Third/) },
      10_000,
    ]);
    expect(faults).toEqual([
      { code: '701', text: expect.any(String), when: 'Service or Method is missing or empty' },
      { code: '902', text: 'SERVICE unknown service', when: 'no plugin has a method of this service' },
      { code: '902', text: expect.stringMatching(/SERVICE\.METHOD/), when: 'the service is known, the method is not' },
      {
        code: expect.any(String),
        text: expect.stringMatching(/OTHER/),
        when: 'the request names an application other than Billing, and addressing is strict',
      },
    ]);
    const told = methods[0]?.faults.map(({ code, text, when }) => [
      code,
      text.replace('Billing.GetBalance', 'M'),
      when,
    ]);
    expect(told?.filter(([, text]) => !/Kind|Count|Tags|Raw|More|Limit/.test(text ?? ''))).toEqual([
      ['904', 'M incorrect Account: missing', 'Account is missing'],
      ['904', 'M incorrect Account: not a string', 'Account is not a string'],
      ['904', 'M incorrect Account: no number', 'Account is refused: no number'],
      ['904', 'M incorrect Address.City: missing', 'Address.City is missing'],
      ['904', 'M incorrect Address: not a list', 'Address is not a list'],
      ['904', 'M incorrect Address.City: not a string', 'Address.City is not a string'],
      ['904', "M incorrect _umsChannel: no channel 'X'", 'no channel of the right type has this name'],
      ['904', 'M incorrect _umsChannel: needed, 2 channels are configured', '_umsChannel is missing'],
      ['901', 'CHANNEL connection with URL failed', 'the upstream cannot be reached, or refuses the login'],
      ['920', 'CHANNEL failed to execute request M: status 500', 'the upstream failed'],
      ['920', 'CHANNEL failed to execute request M: deadline of 10000 ms passed', 'the deadline passed'],
      ['920', 'Billing failed to execute request M: overloaded', 'too many requests are pending'],
      ['920', 'Billing failed to execute request M: stopping', 'the host is stopping'],
      ['900', 'M failed unexpectedly (ReferenceId 17)', 'the method threw an exception; see the log'],
    ]);
  });

  it('leave out a parameter whose schema throws', () => {
    class Odd {
      handle = () => ({});
    }
    const throwing = z.string().refine((text) => {
      if (text === '') throw new TypeError('a defect');
      return true;
    });
    EspMethod('Odd', 'Do', { parameters: z.object({ Id: throwing }), response: z.object({}) })(Odd);
    const definition = definePlugin({ name: 'odd', methods: [Odd] });
    const [odd] = referenceOf(parseConfig('application: { name: Own }\n'), [{ use: './odd', definition }]).methods;
    expect(odd?.faults.filter(({ code }) => code === '904').map(({ when }) => when)).toEqual([
      'Id is missing',
      'Id is not a string',
    ]);
  });
});

describe('the printed reference', () => {
  const all = reference('{ main: { type: ledger } }');

  it('is a paragraph per method', () => {
    expect(text(all)).toBe(
      'Billing.GetBalance [_umsChannel:string] Account:string [Kind:one of new, old] [Count:int] [Tags:string[]] ' +
        "[Raw:binary] [Address:list] [More:list] [Limit:int or 'none']\n" +
        '  -> Balance:string Note:string\n\n' +
        'Billing.Ping\n  -> anything\n  Warning: slow\n',
    );
    expect(text({ ...all, methods: [] })).toBe('no methods\n');
  });

  it('is a page with a section per method', () => {
    const page = markdown(all);
    expect(page).toContain('Strategies name the application `Billing`, or its type 23');
    expect(page).toContain('| `Account` | string | yes |  | The account |');
    expect(page).toContain('| `Kind` | one of new, old | no | `"new"` |  |');
    expect(page).toContain('| `Tags` | string, repeatable key | no | `[]` |  |');
    expect(page).toContain('| Result | a variable for the response: `Balance`, `Note` |');
    expect(page).toContain('| Result | a variable for the response |');
    expect(page).toContain('> **Warning.** slow');
    expect(page).toContain('### Parameters\n\nNone.\n\n### Response\n\nAny parameters.');
    expect(page).not.toContain('Do not retry');
  });
});
