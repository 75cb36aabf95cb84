import { describe, expect, it } from '@jest/globals';
import { KeyValueList, type PlainValues } from 'esp-host';
import fc from 'fast-check';
import { type JsonEntry, listFromJson, listToJson } from '#wire';
import { Applied, Code, code, listCode, Members, plainCode } from '../../../mock-platform/export/test/code.js';
import { anyList } from '../../wire/arbitraries.js';

/** What the text is as TypeScript. */
const evaluated = (text: string): unknown =>
  new Function('KeyValueList', 'Buffer', `return (${text});`)(KeyValueList, Buffer);

describe('code', () => {
  it('evaluates to the same value, for any value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), fc.nat({ max: 150 }), (value, column) => {
        expect(JSON.stringify(evaluated(code(value, 2, column)))).toBe(JSON.stringify(value));
      }),
    );
  });

  it.each([
    [{ a: 1, 'b-c': 'd', __proto__: undefined }, `{ a: 1, 'b-c': 'd' }`],
    [JSON.parse('{"__proto__":{"x":1}}'), `{ ['__proto__']: { x: 1 } }`],
    [[`it's`, 'a "b"', 'a\nb\u2028\u007f'], `["it's", 'a "b"', 'a\\nb\\u2028\\u007f']`],
    [{ a: undefined, b: new Code('expect.anything()') }, '{ b: expect.anything() }'],
    [{ a: ['x'.repeat(70), 'y'.repeat(70)] }, `{\n  a: [\n    '${'x'.repeat(70)}',\n    '${'y'.repeat(70)}',\n  ],\n}`],
    [[], '[]'],
    [{}, '{}'],
    [null, 'null'],
    [{ a: undefined }, '{}'],
    [{ 'a b': 1, a_$1: 2, '1a': 3, '': 4 }, `{ 'a b': 1, a_$1: 2, '1a': 3, '': 4 }`],
    [{ 'a"b': `'"` }, `{ 'a"b': "'\\"" }`],
    ['\u0080\u009f\u00a0', `'\\u0080\\u009f\u00a0'`],
  ])('%j', (value, text) => expect(code(value)).toBe(text));

  const long = (length: number) => 'x'.repeat(length);

  it.each<[unknown, number, string | undefined]>([
    // A value that has no members stays on its line.
    [long(200), 0, undefined],
    [new Code(long(200)), 0, undefined],
    [new Applied('f', long(200)), 0, undefined],
    [[], 200, undefined],
    [{}, 200, undefined],
    [[long(116)], 0, undefined],
    [[long(116)], 1, `[\n  '${long(116)}',\n]`],
    [{ a: long(111) }, 0, undefined],
    [{ a: long(111) }, 1, `{\n  a: '${long(111)}',\n}`],
    [new Applied('f', [long(113)]), 0, undefined],
    [new Applied('f', [long(113)]), 1, `f([\n  '${long(113)}',\n])`],
    [{ a: [long(110)] }, 0, `{\n  a: ['${long(110)}'],\n}`],
    [{ a: [long(111)] }, 0, `{\n  a: [\n    '${long(111)}',\n  ],\n}`],
    [[[long(114)], 1], 0, `[\n  [\n    '${long(114)}',\n  ],\n  1,\n]`],
    [[[long(113)], 1], 0, `[\n  ['${long(113)}'],\n  1,\n]`],
    [new Members([['b', [long(130)]]]), 0, `{\n  b: [\n    '${long(130)}',\n  ],\n}`],
  ])('a line has up to 120 characters: %#', (value, column, text) => {
    const whole = code(value, 0, column);
    if (text === undefined) expect(whole).not.toContain('\n');
    else expect(whole).toBe(text);
  });

  it('members stand below what they are in', () => {
    expect(code({ a: [long(120)] }, 4)).toBe(`{\n      a: [\n        '${long(120)}',\n      ],\n    }`);
  });
});

describe('a list', () => {
  it('evaluates to the same list, with its kinds', () => {
    fc.assert(
      fc.property(anyList, (list) => {
        expect(listToJson(evaluated(code(listCode(list))) as KeyValueList)).toEqual(listToJson(listFromJson(list)));
      }),
    );
  });

  it('is a plain object if that gives the same list', () => {
    fc.assert(
      fc.property(anyList, fc.constantFrom('str' as const, 'utf16' as const), (list, kind) => {
        const plain = plainCode(list, kind);
        if (plain === undefined) return;
        expect(listToJson(KeyValueList.from(evaluated(code(plain)) as PlainValues, kind))).toEqual(list);
      }),
    );
  });

  it.each<[string, JsonEntry[], string | undefined]>([
    [
      'values of every kind',
      [
        ['A', 'str', 'a'],
        ['B', 'int', 5],
        ['C', 'bin', '00ff'],
      ],
      `{ A: 'a', B: 5, C: Buffer.from('00ff', 'hex') }`,
    ],
    [
      'repeated keys',
      [
        ['A', 'str', 'a'],
        ['A', 'str', 'b'],
      ],
      `{ A: ['a', 'b'] }`,
    ],
    ['lists', [['L', 'list', [['A', 'int', 1]]]], '{ L: { A: 1 } }'],
    ['another kind of strings', [['A', 'utf16', 'a']], undefined],
    [
      'another order',
      [
        ['A', 'int', 1],
        ['B', 'int', 1],
        ['A', 'int', 2],
      ],
      undefined,
    ],
    ['keys that are numbers', [['1', 'int', 1]], undefined],
    ['invalid text', [['A', 'strx', 'ff']], undefined],
    ['keys with digits', [['1a', 'int', 1]], `{ '1a': 1 }`],
    ['keys that are bytes', [[{ hex: 'ff' }, 'int', 1]], undefined],
    ['lists that are not objects', [['L', 'list', [['1', 'int', 1]]]], undefined],
    ['nothing', [], '{}'],
  ])('of %s', (_name, list, text) => {
    const plain = plainCode(list, 'str');
    expect(plain && code(plain)).toBe(text);
  });

  it('can have code in place of values, in lists too', () => {
    const list: JsonEntry[] = [
      ['A', 'int', 1],
      ['L', 'list', [['A', 'utf16', 'x']]],
    ];
    const replaced = plainCode(list, 'str', (key) => (key === 'A' ? new Code('any') : undefined));
    expect(replaced && code(replaced)).toBe('{ A: any, L: { A: any } }');
  });

  it('of typed entries has the bytes of keys and values', () => {
    const list: JsonEntry[] = [
      ['A', 'str', 'a'],
      [{ hex: 'c3a4' }, 'bin', '00'],
      ['B', 'strx', 'ff'],
      ['L', 'list', [['A', 'int', 1]]],
    ];
    expect(code(listCode(list))).toBe(`new KeyValueList([
  { key: 'A', type: 'str', value: 'a' },
  { key: 'ä', type: 'bin', value: Buffer.from('00', 'hex'), keyBytes: Buffer.from('c3a4', 'hex') },
  { key: 'B', type: 'strx', value: Buffer.from('ff', 'hex') },
  { key: 'L', type: 'list', value: new KeyValueList([{ key: 'A', type: 'int', value: 1 }]) },
])`);
  });
});
