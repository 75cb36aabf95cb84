import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { JsonEntry, JsonSchema } from '../../../../mock-platform/console/api/types.js';
import { type Field, fieldsOf } from '../../../../mock-platform/console/form/schema.js';
import {
  type FormValues,
  fromEntries,
  isGroup,
  missing,
  toEntries,
  toJson,
  withValue,
} from '../../../../mock-platform/console/form/values.js';

const SCHEMA: JsonSchema = {
  type: 'object',
  properties: {
    Id: { type: 'string' },
    Most: { type: 'integer' },
    Kind: { enum: ['a', 7] },
    Tag: { type: 'array', items: { type: 'string' } },
    Customer: {
      type: 'object',
      properties: { Name: { type: 'string' }, Since: { type: 'integer' } },
      required: ['Name'],
    },
    Share: { type: 'number' },
    Open: { type: 'boolean' },
    Extra: {},
  },
  required: ['Id', 'Customer'],
};
const FIELDS = fieldsOf(SCHEMA);

describe('a form as a list', () => {
  it('sends filled fields with their types', () => {
    const values: FormValues = {
      Id: '',
      Most: ' 5 ',
      Kind: '7',
      Tag: ['x', 'y'],
      Customer: { Name: 'Ada', Since: '-3' },
      Share: '0.5',
      Open: 'true',
    };
    expect(toEntries(FIELDS, values)).toEqual([
      ['Id', 'str', ''],
      ['Most', 'int', 5],
      ['Kind', 'int', 7],
      ['Tag', 'str', 'x'],
      ['Tag', 'str', 'y'],
      [
        'Customer',
        'list',
        [
          ['Name', 'str', 'Ada'],
          ['Since', 'int', -3],
        ],
      ],
      ['Share', 'str', '0.5'],
      ['Open', 'str', 'true'],
    ]);
    expect(toEntries(FIELDS, { Id: 'é' }, 'utf16')).toEqual([['Id', 'utf16', 'é']]);
    expect(toEntries(FIELDS, {})).toEqual([]);
  });

  it.each([
    [{ Most: 'five' }, "Most: 'five' is not an int"],
    [{ Most: '' }, "Most: '' is not an int"],
    [{ Most: '1e3' }, "Most: '1e3' is not an int"],
    [{ Customer: { Since: '3000000000' } }, "Customer.Since: '3000000000' is not an int"],
    [{ Share: 'half' }, "Share: 'half' is not a number"],
  ] as [FormValues, string][])('says what cannot be sent: %j', (values, problem) => {
    expect(() => toEntries(FIELDS, values)).toThrow(problem);
  });

  it('finds required fields that are omitted, in lists too', () => {
    expect(missing(FIELDS, {})).toEqual(['Id', 'Customer']);
    expect(missing(FIELDS, { Id: '', Customer: {} })).toEqual(['Customer.Name']);
  });
});

describe('a list as a form', () => {
  it('keeps entries without a field, in order', () => {
    const entries: JsonEntry[] = [
      ['Id', 'str', 'first'],
      ['Id', 'str', 'again'],
      ['Most', 'str', '5'],
      ['Kind', 'int', 7],
      [
        'Customer',
        'list',
        [
          ['Name', 'str', 'Ada'],
          ['Other', 'str', 'x'],
        ],
      ],
      ['Tag', 'str', 'x'],
      ['Tag', 'bin', '00'],
      ['_umsChannel', 'utf16', 'chat'],
      [{ hex: 'ff' }, 'str', 'y'],
    ];
    const { values, rest } = fromEntries(FIELDS, entries);
    expect(values).toEqual({ Id: 'first', Kind: '7', Tag: ['x'] });
    expect(rest).toEqual([entries[1], entries[2], entries[4], entries[6], entries[7], entries[8]]);
  });

  it('round-trips', () => {
    const text = fc.string();
    const int = fc.integer().map(String);
    const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
    const values = fc.record({
      Id: optional(text),
      Most: optional(int),
      Kind: optional(fc.constantFrom('a', '7')),
      Tag: optional(fc.array(text, { minLength: 1, maxLength: 3 })),
      Customer: optional(fc.record({ Name: text, Since: int })),
    });
    fc.assert(
      fc.property(values, (typed) => {
        const entries = toEntries(FIELDS, typed);
        const { values: read, rest } = fromEntries(FIELDS, entries);
        expect(rest).toEqual([]);
        expect(toEntries(FIELDS, read)).toEqual(entries);
      }),
    );
  });
});

describe('a form as JSON', () => {
  it('has numbers, booleans and other values with their types', () => {
    const values: FormValues = { Id: '5', Most: '5', Open: 'false', Tag: ['1'], Customer: { Name: 'x' }, Extra: '[1]' };
    const json = { Id: '5', Most: 5, Open: false, Tag: ['1'], Customer: { Name: 'x' }, Extra: [1] };
    expect(toJson(FIELDS, values)).toEqual(json);
    expect(toJson(FIELDS, { Extra: 'no JSON' })).toEqual({ Extra: 'no JSON' });
  });
});

describe('a value', () => {
  it('is set and removed', () => {
    expect(withValue({ a: '1' }, 'b', '2')).toEqual({ a: '1', b: '2' });
    expect(withValue({ a: '1', b: '2' }, 'a', undefined)).toEqual({ b: '2' });
  });
});

describe('values that do not fit their field', () => {
  const group: Field = {
    name: 'g',
    required: false,
    kind: 'group',
    fields: [{ name: 'a', required: true, kind: 'text' }],
  };
  const whole: Field = { name: 'n', required: false, kind: 'choice', choices: [1, 'all'] };

  it('miss nothing if the group is not a group', () => {
    expect(missing([group], { g: 'text' })).toEqual([]);
    expect(missing([group], { g: {} })).toEqual(['g.a']);
    expect(missing([group], {})).toEqual([]);
    expect(isGroup(['a'])).toBe(false);
    expect(isGroup({ a: 'b' })).toBe(true);
    expect(isGroup('a')).toBe(false);
  });

  it('are converted to the type of the field if possible', () => {
    const list: Field = {
      name: 'l',
      required: false,
      kind: 'repeat',
      item: { name: '', required: true, kind: 'text' },
    };
    expect(toEntries([list, group], { l: 'one', g: 'text' })).toEqual([
      ['l', 'str', 'one'],
      ['g', 'list', []],
    ]);
    expect(toEntries([list], { l: ['a', undefined, 'b'] })).toEqual([
      ['l', 'str', 'a'],
      ['l', 'str', 'b'],
    ]);
    expect(toJson([list, group], { l: 'one', g: 'text' })).toEqual({ l: ['one'], g: {} });
    expect(toJson([list, group], { l: ['a'], g: { a: 'b' } })).toEqual({ l: ['a'], g: { a: 'b' } });
  });

  it('are reported with their path', () => {
    const number: Field = { name: '', required: true, kind: 'integer' };
    const list: Field = { name: 'l', required: false, kind: 'repeat', item: number };
    expect(() => toEntries([list], { l: ['1', 'x'] })).toThrow("l[1]: 'x' is not an int");
    expect(() => toJson([list], { l: ['1', 'x'] })).toThrow("l[1]: 'x' is not an int");
    const inner: Field = { name: 'g', required: false, kind: 'group', fields: [{ ...number, name: 'n' }] };
    expect(() => toEntries([inner], { g: { n: '1.5' } })).toThrow("g.n: '1.5' is not an int");
    expect(() => toJson([inner], { g: { n: '' } })).toThrow("g.n: '' is not an int");
    const share: Field = { name: 's', required: false, kind: 'number' };
    for (const text of [' ', 'x', 'Infinity']) {
      expect(() => toJson([share], { s: text })).toThrow(`s: '${text}' is not a number`);
    }
    expect(toJson([share], { s: '0.5' })).toEqual({ s: 0.5 });
    expect(toEntries([share], { s: '0.5' })).toEqual([['s', 'str', '0.5']]);
  });

  it('stay entries if their type differs from the field', () => {
    const entries: JsonEntry[] = [
      ['n', 'int', 1],
      ['n', 'int', 2],
      ['g', 'str', 'x'],
      ['n', 'bin', '00'],
    ];
    expect(fromEntries([group, whole], entries)).toEqual({ values: { n: '1' }, rest: entries.slice(1) });
    const number: Field = { name: 'i', required: false, kind: 'integer' };
    expect(fromEntries([number], [['i', 'str', '1']]).rest).toHaveLength(1);
    expect(fromEntries([number], [['i', 'int', 1]]).values).toEqual({ i: '1' });
    const text: Field = { name: 't', required: false, kind: 'text' };
    expect(fromEntries([text], [['t', 'list', []]]).rest).toHaveLength(1);
    expect(fromEntries([text], [['t', 'int', 1]]).rest).toHaveLength(1);
  });
});
