import { describe, expect, it } from '@jest/globals';
import { definePlugin, EspMethod, type EspMethodOptions, z } from 'esp-host';
import { changesBetween } from '../../../src/cli/methods/changes.js';
import { type Hit, withHits } from '../../../src/cli/methods/hits.js';
import { parseReference } from '../../../src/cli/methods/older.js';
import { changesText } from '../../../src/cli/methods/print-changes.js';
import { type Reference, referenceOf } from '../../../src/cli/methods/reference.js';
import type { CallingStep } from '../../../src/cli/mock.js';
import { parseConfig } from '../../../src/config/index.js';

type Options = Partial<EspMethodOptions<z.ZodType, z.ZodType, string>>;

/** The reference of an application whose service Billing has these methods. */
function reference(methods: Readonly<Record<string, Options>>, config = 'application: { name: Own }\n'): Reference {
  const classes = Object.entries(methods).map(
    ([name, { parameters = z.object({}), response = z.object({}), ...more }]) => {
      class Handler {
        handle = () => ({}) as never;
      }
      EspMethod('Billing', name, { parameters, response, ...more } as never)(Handler);
      return Handler;
    },
  );
  const definition = definePlugin({ name: 'billing', methods: classes });
  const made = referenceOf(parseConfig(config), [{ use: './billing', definition }]);
  return parseReference(JSON.stringify(made));
}

const told = (older: Reference, newer: Reference): string[] =>
  changesBetween(older, newer).map(
    ({ kind, method = 'all', breaks, text }) => `${breaks ? '!' : ' '} ${kind} ${method}: ${text}`,
  );

/** What changed between two forms of one method, without its name. */
const changed = (older: Options, newer: Options): string[] =>
  told(reference({ Get: older }), reference({ Get: newer })).map((line) => line.replace(' Billing.Get:', ':'));

const takes = (shape: z.ZodRawShape): Options => ({ parameters: z.object(shape) });
const gives = (shape: z.ZodRawShape): Options => ({ response: z.object(shape) });
const kind = (...values: [string, ...string[]]) => z.enum(values);
const id = z.string();

describe('what changed between two versions of the methods', () => {
  it('is nothing for the same methods', () => expect(changed(takes({ Id: id }), takes({ Id: id }))).toEqual([]));

  it.each<[string, z.ZodRawShape, z.ZodRawShape, string[]]>([
    ['is new and required', {}, { Id: id }, ['! parameter-added: parameter Id is new and required']],
    ['is new', {}, { Id: id.optional() }, ['  parameter-added: parameter Id is new']],
    ['is gone', { Id: id }, {}, ['! parameter-removed: parameter Id is gone']],
    ['is required now', { Id: id.optional() }, { Id: id }, ['! parameter-required: parameter Id is required now']],
    ['is optional now', { Id: id }, { Id: id.optional() }, ['  parameter-optional: parameter Id is optional now']],
    ['has another type', { Id: id }, { Id: z.int() }, ['! parameter-type: parameter Id is int, was string']],
    [
      'takes more types',
      { Id: id },
      { Id: z.union([id, z.int()]) },
      ['  parameter-type: parameter Id is string or int, was string'],
    ],
    ['takes anything', { Id: id }, { Id: z.unknown() }, ['  parameter-type: parameter Id is any, was string']],
    [
      'takes fewer values',
      { K: kind('a', 'b') },
      { K: kind('a') },
      ["! parameter-type: parameter K can no longer be 'b'"],
    ],
    [
      'takes one value',
      { K: kind('a', 'b', 'c') },
      { K: z.literal('a') },
      ["! parameter-type: parameter K can no longer be 'b', 'c'"],
    ],
    [
      'takes a value, but no integer',
      { K: z.union([kind('a'), z.int()]) },
      { K: kind('a') },
      ['! parameter-type: parameter K is one of a, was one of a or int'],
    ],
    ['takes more values', { K: kind('a') }, { K: kind('a', 'b') }, ["  parameter-type: parameter K can also be 'b'"]],
    [
      'takes values in another order',
      { K: kind('b', 'a') },
      { K: kind('a', 'b') },
      ['  fault-text: fault 904 has another text: Billing.Get incorrect K: not one of a, b'],
    ],
    [
      'takes other values',
      { K: kind('a', 'b') },
      { K: kind('b', 'c') },
      ["! parameter-type: parameter K can no longer be 'a', and can also be 'c'"],
    ],
    ['takes any text', { K: kind('a', 'b') }, { K: id }, ['  parameter-type: parameter K is string, was one of a, b']],
    [
      'takes only some texts',
      { K: id },
      { K: kind('a', 'b') },
      ['! parameter-type: parameter K is one of a, b, was string'],
    ],
    [
      'has another default',
      { K: id.default('a') },
      { K: id.default('b') },
      ['! parameter-default: parameter K has the default "b", was "a"'],
    ],
    [
      'has a default',
      { K: id.optional() },
      { K: id.default('b') },
      ['  parameter-default: parameter K has the default "b", was none'],
    ],
    [
      'has no default any more',
      { K: id.default('a') },
      { K: id.optional() },
      ['! parameter-default: parameter K has no default any more, was "a"'],
    ],
    ['can be repeated now', { K: id }, { K: z.array(id) }, ['  parameter-repeated: parameter K can be repeated now']],
    [
      'can no longer be repeated',
      { K: z.array(id) },
      { K: id },
      ['! parameter-repeated: parameter K can no longer be repeated'],
    ],
    [
      'has a new key',
      { A: z.object({ C: id }) },
      { A: z.object({ C: id, D: id }) },
      ['! parameter-added: parameter A.D is new and required'],
    ],
    ['is new, with keys', {}, { A: z.object({ C: id }) }, ['! parameter-added: parameter A is new and required']],
    ['is gone, with keys', { A: z.object({ C: id }) }, {}, ['! parameter-removed: parameter A is gone']],
    [
      'has a key less',
      { A: z.array(z.object({ C: id, D: id })) },
      { A: z.array(z.object({ C: id })) },
      ['! parameter-removed: parameter A.D is gone'],
    ],
  ])('is a parameter that %s', (_what, older, newer, changes) => {
    expect(changed(takes(older), takes(newer))).toEqual(changes);
  });

  it.each<[string, z.ZodRawShape, z.ZodRawShape, string[]]>([
    ['is new', {}, { Id: id }, ['  result-added: result Id is new']],
    ['is gone', { Id: id }, {}, ['! result-removed: result Id is gone']],
    ['may be missing', { Id: id }, { Id: id.optional() }, ['! result-optional: result Id may be missing now']],
    ['is always present', { Id: id.optional() }, { Id: id }, ['  result-required: result Id is always present now']],
    ['has another type', { Id: id }, { Id: z.int() }, ['! result-type: result Id is int, was string']],
    ['has more values', { K: kind('a') }, { K: kind('a', 'b') }, ["! result-type: result K can also be 'b'"]],
    ['has fewer values', { K: kind('a', 'b') }, { K: kind('a') }, ["  result-type: result K can no longer be 'b'"]],
    ['can be repeated', { K: id }, { K: z.array(id) }, ['! result-repeated: result K can be repeated now']],
    ['can not be repeated', { K: z.array(id) }, { K: id }, ['  result-repeated: result K can no longer be repeated']],
    [
      'has a key less',
      { A: z.object({ C: id, D: id }) },
      { A: z.object({ C: id }) },
      ['! result-removed: result A.D is gone'],
    ],
  ])('is a result that %s', (_what, older, newer, changes) => {
    expect(changed(gives(older), gives(newer))).toEqual(changes);
  });

  it('is a fault with a new code, or with another text', () => {
    expect(changed({}, { ...takes({ Id: id.optional() }), channel: 'sms' })).toEqual([
      expect.stringMatching(/^! parameter-added: parameter _umsChannel is new and required$/),
      '  parameter-added: parameter Id is new',
      '! fault-added: fault 901 is new: CHANNEL connection with URL failed',
      expect.stringMatching(/^ {2}fault-text: fault 920 has another text: CHANNEL failed to execute .*: status 500; /),
    ]);
    const digits = id.regex(/\d/, 'no digits');
    expect(changed(takes({ Id: id }), takes({ Id: digits }))).toEqual([
      '  fault-text: fault 904 has another text: Billing.Get incorrect Id: no digits',
    ]);
    const item = (code: z.ZodType) => ({ Items: z.array(z.object({ Code: code })), Id: id });
    expect(changed(takes(item(id)), takes({ ...item(z.int()), Id: digits }))).toEqual([
      '! parameter-type: parameter Items.Code is int, was string',
      '  fault-text: fault 904 has another text: Billing.Get incorrect Id: no digits',
    ]);
    expect(changed(takes({ Id: digits }), {})).toEqual(['! parameter-removed: parameter Id is gone']);
    expect(changed({ channel: 'sms' }, {}).slice(1)).toEqual([
      expect.stringMatching(/^ {2}fault-text: fault 920/),
      '  fault-removed: fault 901 is gone',
    ]);
  });

  it('is not a time in a fault, but the deadline', () => {
    expect(changed({ deadlineMs: 100 }, { deadlineMs: 300 })).toEqual([
      '  deadline: has a deadline of 300 ms, was 100 ms',
    ]);
  });

  it('is a method that may not be repeated any more, and its warning', () => {
    const [once, ...texts] = changed({}, { idempotent: false, warning: 'Slow.' });
    expect(once).toMatch(/^ {2}fault-text: fault 920 has another text: .*; whether it was done is unknown/);
    expect(texts).toEqual([
      '! idempotent: must not be repeated any more: it may take effect twice',
      '  warning: has a warning: Slow.',
    ]);
    expect(changed({ idempotent: false, warning: 'Slow.' }, {}).slice(1)).toEqual([
      '  idempotent: may be repeated now',
      '  warning: has no warning any more',
    ]);
  });

  it('is a method, and the application', () => {
    const named = (name: string, type: number) => `application: { name: ${name}, type: ${type} }\n`;
    const older = reference({ Get: {}, Old: {} }, named('Own', 23));
    const newer = reference({ New: {}, Get: {} }, named('Other', 171));
    expect(told(older, newer)).toEqual([
      '! application all: the application is Other, was Own',
      '! application all: the type of the application is 171, was 23',
      '  method-added Billing.New: is new',
      '! method-removed Billing.Old: is gone',
    ]);
  });
});

describe('the steps that a change concerns', () => {
  const step = (more: Partial<CallingStep> = {}): CallingStep => ({
    ...{ file: 's.yaml', line: 4, column: 5, strategy: 'Reach', id: 'ask', appName: 'Own', appType: undefined },
    ...{ service: 'Billing', method: 'Get', parameters: {}, timeoutMs: 5000, reads: [], faults: ['other'] },
    ...more,
  });

  /** Why a step is concerned by the changes of a method. */
  function why(older: Options, newer: Options, more: Partial<CallingStep>): string[] {
    const [then, now] = [reference({ Get: older }), reference({ Get: newer })];
    return hits(then, now, step(more)).map((hit) => hit.why);
  }
  const hits = (then: Reference, now: Reference, ...steps: CallingStep[]): Hit[] =>
    withHits(changesBetween(then, now), then, now, steps).flatMap((change) => change.steps);

  const some = z.object({ A: kind('a') });
  it.each<[string, Options, Options, Partial<CallingStep>, string[]]>([
    ['omits what is required', {}, takes({ Id: id }), {}, ['does not send Id']],
    ['sends what is required', {}, takes({ Id: id }), { parameters: { Id: '' } }, []],
    ['sends what is gone', takes({ Id: id }), {}, { parameters: { Id: '1' } }, ['sends Id']],
    ['omits what is gone', takes({ Id: id }), {}, {}, []],
    ['omits what is optional', {}, takes({ Id: id.optional() }), {}, []],
    ['omits the default', takes({ K: id.default('a') }), takes({ K: id.default('b') }), {}, ['does not send K']],
    ['sends a refused value', takes({ K: id }), takes({ K: kind('a') }), { parameters: { K: 'b' } }, ['sends K: "b"']],
    ['sends a value that is taken', takes({ K: id }), takes({ K: kind('a') }), { parameters: { K: 'a' } }, []],
    [
      'sends any value',
      takes({ K: id }),
      takes({ K: kind('a') }),
      { parameters: { K: '{{K}}' } },
      ['sends K: "{{K}}"'],
    ],
    ['sends a number in a text', takes({ K: id }), takes({ K: z.int() }), { parameters: { K: '12' } }, []],
    ['sends an integer', takes({ K: z.int() }), takes({ K: id }), { parameters: { K: 12 } }, ['sends K: 12']],
    ['omits what is required now', takes({ Id: id.optional() }), takes({ Id: id }), {}, ['does not send Id']],
    ['sends the default', takes({ K: id.default('a') }), takes({ K: id.default('b') }), { parameters: { K: 'a' } }, []],
    ['sends half a number', takes({ K: id }), takes({ K: z.int() }), { parameters: { K: '1a' } }, ['sends K: "1a"']],
    ['sends a text', takes({ K: z.union([id, z.int()]) }), takes({ K: id }), { parameters: { K: 'x' } }, []],
    ['sends one of more values', takes({ K: kind('a') }), takes({ K: id }), { parameters: { K: '{{K}}' } }, []],
    ['may be repeated', { idempotent: false }, {}, {}, []],
    ['sends a list', takes({ K: id }), takes({ K: some }), { parameters: { K: { A: 'a' } } }, []],
    ['omits a key', takes({ L: z.object({}) }), takes({ L: some }), { parameters: { L: {} } }, ['does not send L.A']],
    ['omits a list', takes({ L: z.object({}).optional() }), takes({ L: some.optional() }), {}, []],
    ['sends any list', takes({ L: z.object({}) }), takes({ L: some }), { parameters: { L: '{{L}}' } }, []],
    ['reads what is gone', gives({ Id: id }), {}, { reads: ['Id'] }, ['reads Id']],
    ['reads a key of what is gone', gives({ L: some }), {}, { reads: ['L.A'] }, ['reads L']],
    ['reads the list of what is gone', gives({ L: some }), gives({ L: z.object({}) }), { reads: ['L'] }, ['reads L.A']],
    ['reads another result', gives({ Id: id, Idx: id }), gives({ Idx: id }), { reads: ['Idx'] }, []],
    ['reads what may be missing', gives({ Id: id }), gives({ Id: id.optional() }), { reads: ['Id'] }, ['reads Id']],
    [
      'reads what has a new value',
      gives({ K: kind('a') }),
      gives({ K: kind('a', 'b') }),
      { reads: ['K'] },
      ['reads K'],
    ],
    ['reads what lost a value', gives({ K: kind('a', 'b') }), gives({ K: kind('a') }), { reads: ['K'] }, []],
    ['may send twice', {}, { idempotent: false }, {}, ['calls it']],
    ['times out first', { deadlineMs: 1 }, { deadlineMs: 5000 }, {}, ['times out after 5000 ms, before the deadline']],
    ['times out later', { deadlineMs: 1 }, { deadlineMs: 4999 }, {}, []],
  ])('are those which concern one that %s', (_what, older, newer, more, expected) => {
    expect(why(older, newer, more)).toEqual(expected);
  });

  it('are those without a way on from a new fault', () => {
    const channel = { channel: 'sms' };
    const on = (...faults: string[]) => why({}, channel, { faults, parameters: { _umsChannel: 's' } });
    expect(on()).toEqual(['has neither on.fault.901 nor on.fault.other']);
    expect(on('901')).toEqual([]);
    expect(on('other')).toEqual([]);
  });

  it('are only those of the method and of the application', () => {
    const [then, now] = [reference({ Get: {}, Do: {} }), reference({ Get: {} })];
    const own = step({ method: 'Do' });
    const byType = { ...own, id: 'by-type', appName: undefined };
    const steps = [
      own,
      { ...byType, appType: then.application.type },
      { ...byType, appType: then.application.typeName },
      { ...byType, appType: '{{Type}}' },
      { ...own, appName: '{{App}}' },
      ...[step(), { ...own, appName: 'Other' }, { ...byType, appType: 5 }, { ...byType, service: 'B' }],
    ];
    expect(hits(then, now, ...steps).map(({ step: name, why: text }) => `${name} ${text}`)).toEqual([
      ...['ask calls it', 'by-type calls it', 'by-type calls it', 'by-type calls it', 'ask calls it'],
    ]);
  });

  it('are those that name an application by its former name or type', () => {
    const [then, now] = [reference({}), reference({}, 'application: { name: New }\n')];
    expect(hits(then, now, step(), step({ appName: undefined, appType: then.application.type }))).toMatchObject([
      { why: 'calls Own' },
    ]);
  });
});

describe('the printed changes', () => {
  const older = reference({ Get: gives({ Id: id }), Do: {} });
  const newer = reference({ Get: gives({ More: id }), Do: {}, New: {} });
  const changes = changesBetween(older, newer);

  it('are told by method', () => {
    expect(changesText(changes)).toBe(
      'Billing.Get\n  works   result More is new\n  breaks  result Id is gone\n\n' +
        'Billing.New\n  works   is new\n\n3 changes, of which 1 breaks strategies\n',
    );
    expect(changesText([])).toBe('no changes\n');
  });

  it('name the steps', () => {
    const place = { file: 's.yaml', line: 4, column: 5, strategy: 'Reach', step: 'ask', why: 'reads Id' };
    const text = changesText(changes.map((one) => ({ ...one, steps: one.breaks ? [place] : [] })));
    expect(text).toContain('  breaks  result Id is gone\n          s.yaml:4:5 Reach, step ask reads Id\n\n');
    expect(text).toMatch(/ breaks strategies; 1 step to look at\n$/);
    expect(changesText(changes.map((one) => ({ ...one, steps: [] })))).toMatch(/; 0 steps to look at\n$/);
    const two = [place, { ...place, line: 9 }, place];
    expect(changesText(changes.map((one) => ({ ...one, steps: two })))).toMatch(/; 2 steps to look at\n$/);
  });
});

it.each([
  ['not JSON', '{', /^Expected property name/],
  ['no object', '[]', /^it is not what esp-host methods --json prints \(the whole file: /],
  ['another object', '{"application":{"name":"A"}}', /prints \(application.type: /],
])('an older version that is %s is refused', (_what, text, message) => {
  expect(() => parseReference(text)).toThrow(message);
});
