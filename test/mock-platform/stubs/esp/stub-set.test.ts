import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { StubError } from '../../../../mock-platform/errors.js';
import { StubSet } from '../../../../mock-platform/stubs/index.js';
import { removeFolders } from '../../../support/files.js';
import { request } from '../../../support/raw-client.js';
import { ask, said, stubsOf, why } from './sets.js';

afterAll(removeFolders);

const balance = (value: string) => ({ parameters: { Balance: value } });

describe('answers', () => {
  let set: StubSet;
  beforeEach(() => {
    set = stubsOf(`stubs:
  - match: { parameters: { Account: "17" } }
    answers:
      - { parameters: { Balance: "1" } }
      - { fault: { code: 920, text: busy }, delayMs: 50 }
      - { none: true }
  - answer: { parameters: { Balance: other } }
`);
  });

  it('are given in sequence, and the last one repeats; each stub has its own count', () => {
    const five = Array.from({ length: 5 }, () => [said(set, { Account: '17' }), said(set)]);
    expect(five.map(([first]) => first)).toEqual(['{"Balance":"1"}', '920 busy', 'none', 'none', 'none']);
    expect(five.map(([, other]) => other)).toEqual(Array(5).fill('{"Balance":"other"}'));
    expect(set.list().map(({ hits }) => hits)).toEqual([5, 5]);
  });

  it('start over after a reset', () => {
    for (let asked = 0; asked < 3; asked++) said(set, { Account: '17' });
    set.reset();
    expect(set.list().map(({ hits }) => hits)).toEqual([0, 0]);
    expect(said(set, { Account: '17' })).toBe('{"Balance":"1"}');
    expect(ask(set, request(1, 'A', 'B', { Account: '17' })).delayMs).toBe(50);
  });
});

describe('a scenario', () => {
  let set: StubSet;
  beforeEach(() => {
    set = stubsOf(`stubs:
  - { scenario: bill, match: { method: Pay, state: "" }, answer: { parameters: { Paid: "yes" }, state: paid } }
  - { scenario: bill, match: { method: Pay, state: paid }, answer: { fault: { code: 409, text: paid already } } }
  - { scenario: bill, match: { method: Refund, state: paid }, answer: { parameters: { Paid: "no" }, state: "" } }
  - { match: { method: Toggle, state: "" }, answer: { parameters: { Now: "on" }, state: "on" } }
  - { match: { method: Toggle, state: "on" }, answer: { parameters: { Now: "off" }, state: "" } }
`);
  });
  const call = (method: string): string => {
    const { message, unmatched } = ask(set, request(1, 'Billing', method));
    return (
      unmatched ??
      message?.request
        ?.list('Parameters')
        ?.entries.map(({ value }) => value)
        .join(' ') ??
      'none'
    );
  };

  it('starts in the empty state, and each answer can change it', () => {
    const said = ['Refund', 'Pay', 'Pay', 'Refund', 'Pay'].map(call);
    expect(said).toEqual([
      "no stub matched; the nearest was stub 3 (*.Refund): the state of scenario bill is '', not 'paid'",
      'yes',
      '409 paid already',
      'no',
      'yes',
    ]);
    expect(set.states()).toEqual({ bill: 'paid' });
  });

  it('is separate for each name, and has a default name', () => {
    expect(['Pay', 'Toggle', 'Toggle', 'Toggle'].map(call)).toEqual(['yes', 'on', 'off', 'on']);
    expect(set.states()).toEqual({ bill: 'paid', default: 'on' });
  });

  it('starts over after a reset', () => {
    for (const method of ['Toggle', 'Pay']) call(method);
    set.reset();
    expect(set.states()).toEqual({});
    expect(['Toggle', 'Pay'].map(call)).toEqual(['on', 'yes']);
  });
});

describe('stubs over an API', () => {
  const empty = () => new StubSet({ stubs: [] });

  it('have the JSON form of those in a file', () => {
    const set = empty();
    const json = { name: 'balance', match: { service: 'Billing', method: 'GetBalance' }, answer: balance('1') };
    expect(set.add(json)).toEqual({ id: '1', name: 'balance', hits: 0, definition: json });
    expect(said(set)).toBe('{"Balance":"1"}');
    expect(JSON.parse(JSON.stringify(set.list()))).toEqual([{ id: '1', name: 'balance', hits: 1, definition: json }]);
  });

  it('are added last or first', () => {
    const set = empty();
    set.add({ answer: balance('first') });
    set.add({ answer: balance('behind') });
    expect(said(set)).toBe('{"Balance":"first"}');
    set.add({ answer: balance('before') }, 'first');
    expect(said(set)).toBe('{"Balance":"before"}');
    expect(set.list().map(({ id }) => id)).toEqual(['3', '1', '2']);
  });

  it('are removed by id, and ids are not reused', () => {
    const set = empty();
    set.add({ answer: balance('1') });
    expect([set.remove('1'), set.remove('1'), set.remove('7')]).toEqual([true, false, false]);
    expect(why(set)).toBe('no stub matched; there are no stubs');
    expect(set.add({ answer: balance('1') }).id).toBe('2');
  });

  it.each<[unknown, string]>([
    [{}, 'stub: must have either answer or answers'],
    [{ answer: { none: true }, answers: [{ none: true }] }, 'stub: must have either answer or answers'],
    [{ answer: { parameters: { A: [1, true] } } }, 'stub.answer.parameters.A.1: must be a quoted string, a 32-bit'],
    [{ answer: { parameters: { A: '{{x}}' } } }, 'stub.answer.parameters.A: unknown reference {{x}};'],
    [
      { match: { parameters: { A: { pattern: '(' } } }, answer: { none: true } },
      'stub.match.parameters.A.pattern: Invalid',
    ],
    [{ answer: { parameters: { ['k'.repeat(65_536)]: 'x' } } }, 'kkk: a key has at most 65535 bytes in UTF-8'],
    [
      { match: { parameters: JSON.parse('{ "__proto__": "x" }') }, answer: {} },
      'stub.match.parameters.__proto__: must have another name',
    ],
    [{ answr: {} }, 'stub: Unrecognized key: "answr"'],
    [null, 'stub: Invalid input: expected object'],
  ])('%#: is refused', (json, expected) => {
    const set = empty();
    expect(() => set.add(json)).toThrow(StubError);
    expect(() => set.add(json)).toThrow(expected);
    expect(set.list()).toEqual([]);
  });

  it('is refused if its list contains itself', () => {
    const list: Record<string, unknown> = {};
    list.a = list;
    const typed: unknown[] = [];
    typed.push(['c', 'list', typed]);
    list.b = typed;
    expect(() => empty().add({ answer: { parameters: list } })).toThrow(
      new StubError(
        'stub.answer.parameters.a: must not contain itself\nstub.answer.parameters.b.0.2: must not contain itself',
      ),
    );
  });

  it('are accepted or rejected with a StubError for any JSON, and accepted ones answer', () => {
    const key = fc.constantFrom(
      'match',
      'answer',
      'answers',
      'parameters',
      'fault',
      'code',
      'text',
      'request',
      'state',
      'A',
    );
    const leaf = fc.oneof(fc.constantFrom('{{', '{{method}}', 'str', 'list', 17, true, null, 0.5), fc.string());
    const { json } = fc.letrec<{ json: unknown }>((tie) => ({
      json: fc.oneof(
        { depthSize: 'medium' },
        leaf,
        fc.array(tie('json'), { maxLength: 3 }),
        fc.dictionary(key, tie('json'), { maxKeys: 3 }),
      ),
    }));
    const stub = fc.record({ match: json, answer: json }, { requiredKeys: [] });
    let taken = 0;
    fc.assert(
      fc.property(
        fc.oneof(
          json,
          stub,
          json.map((parameters) => ({ answer: { parameters } })),
        ),
        (given) => {
          const set = empty();
          try {
            set.add(given);
          } catch (error) {
            if (error instanceof StubError) return;
            throw error;
          }
          taken++;
          said(set, { A: '17' });
        },
      ),
      { numRuns: 1000 },
    );
    expect(taken).toBeGreaterThan(10);
  });
});

describe('a changed file', () => {
  const stub = (name: string, balance: string) => ({ name, answer: { parameters: { Balance: balance } } });
  const names = (set: StubSet) => set.list().map(({ name, hits }) => `${name} ${hits}`);

  it('replaces the stubs of the file between those that were added, and keeps the hits of those that are the same', () => {
    const set = new StubSet({ stubs: [stub('a', '1'), stub('b', '1')] });
    said(set);
    set.add(stub('last', '0'), 'last');
    set.add(stub('first', '0'), 'first');
    set.load({ stubs: [stub('new', '2'), stub('a', '1'), stub('b', '2')] });
    expect(names(set)).toEqual(['first 0', 'new 0', 'a 1', 'b 0', 'last 0']);
    expect(set.added().map(({ name }) => name)).toEqual(['first', 'last']);
    set.restore();
    expect(names(set)).toEqual(['new 0', 'a 0', 'b 0']);
  });

  it('also has another answer for requests that match nothing', () => {
    const set = new StubSet({ stubs: [] });
    set.load({ stubs: [], unmatched: { fault: { code: 7, text: 'none' } } });
    expect(said(set)).toBe('7 none');
  });
});

it('a disabled stub matches nothing', () => {
  const set = stubsOf(`stubs:
  - { name: a, disabled: true, answer: { parameters: { Balance: "1" } } }
  - { name: b, disabled: false, answer: { parameters: { Balance: "2" } } }
`);
  expect(said(set)).toBe('{"Balance":"2"}');
  expect(why(stubsOf('stubs: [{ disabled: true, answer: { none: true } }]'))).toBe(
    'no stub matched; all stubs are disabled',
  );
});
