import { describe, expect, it } from '@jest/globals';
import { KeyValueList, type PlainValues } from 'esp-host';
import fc from 'fast-check';
import { type JsonEntry, listFromJson, listToJson } from '#wire';
import { Code, code, listCode, plainCode } from '../../../mock-platform/export/test/code.js';
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
  ])('%j', (value, text) => expect(code(value)).toBe(text));
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
  ])('of %s', (_name, list, text) => {
    const plain = plainCode(list, 'str');
    expect(plain && code(plain)).toBe(text);
  });
});
