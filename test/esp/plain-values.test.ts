import { describe, expect, it } from '@jest/globals';
import { KeyValueList, ListError, listToJson, type PlainValues } from '../../src/esp/index.js';

/** What a handler may write as a plain object, and the list that it becomes. */

const listOf = (values: PlainValues, text?: 'str' | 'utf16'): unknown => listToJson(KeyValueList.from(values, text));

it('strings, whole numbers, bytes and objects, in the order in which they stand', () => {
  expect(listOf({ b: 'text', a: -7, bytes: Uint8Array.of(1, 255), list: { x: 1, y: {} } })).toEqual([
    ['b', 'str', 'text'],
    ['a', 'int', -7],
    ['bytes', 'bin', '01ff'],
    [
      'list',
      'list',
      [
        ['x', 'int', 1],
        ['y', 'list', []],
      ],
    ],
  ]);
});

it('an array is a repeated key, and an empty one is nothing', () => {
  expect(listOf({ a: ['x', 1, { k: 'v' }], b: [] })).toEqual([
    ['a', 'str', 'x'],
    ['a', 'int', 1],
    ['a', 'list', [['k', 'str', 'v']]],
  ]);
});

it('undefined is left out', () => expect(listOf({ a: undefined, b: 1 })).toEqual([['b', 'int', 1]]));

it('strings are UTF-16 if the request was, at any depth', () => {
  expect(listOf({ a: 'x', l: { b: ['y'] } }, 'utf16')).toEqual([
    ['a', 'utf16', 'x'],
    ['l', 'list', [['b', 'utf16', 'y']]],
  ]);
});

it('a list is unchanged, whole or as a value', () => {
  const list = new KeyValueList([{ key: 'k', type: 'strx', value: Uint8Array.of(255) }]);
  expect(KeyValueList.from(list, 'utf16')).toBe(list);
  expect(KeyValueList.from({ l: list }, 'utf16').list('l')).toBe(list);
});

it('is empty for an empty object', () => expect(listOf({})).toEqual([]));

describe('values that a list cannot hold', () => {
  it.each([
    [{ a: 1.5 }, 'a: 1.5 is not an int32; write it as a string'],
    [{ a: 0x80000000 }, 'a: 2147483648 is not an int32; write it as a string'],
    [{ a: Number.NaN }, 'a: NaN is not an int32; write it as a string'],
    [{ a: true }, 'a: a key-value list cannot hold a boolean'],
    [{ a: null }, 'a: a key-value list cannot hold null'],
    [{ a: 1n }, 'a: a key-value list cannot hold a bigint'],
    [{ a: () => 1 }, 'a: a key-value list cannot hold a function'],
    [{ a: ['x', false] }, 'a: a key-value list cannot hold a boolean'],
    [{ a: { b: { c: 0.1 } } }, 'a.b.c: 0.1 is not an int32; write it as a string'],
    [{ a: [['x']] }, 'a: a key-value list cannot hold an array in an array'],
    [{ a: new Date(0) }, 'a: a key-value list cannot hold an instance of Date'],
    [{ a: [{ b: new Map([['x', 'y']]) }] }, 'a.b: a key-value list cannot hold an instance of Map'],
    [{ a: new (class Money {})() }, 'a: a key-value list cannot hold an instance of Money'],
    [{ a: Object.create({ x: 'y' }) }, 'a: a key-value list cannot hold an instance of Object'],
    [new Set(['x']), 'a key-value list cannot hold an instance of Set'],
    [{ a: [{ b: null }] }, 'a.b: a key-value list cannot hold null'],
  ])('%#: is refused by its place', (values, text) => {
    expect(() => KeyValueList.from(values as unknown as PlainValues)).toThrow(new ListError('ESP_LIST_VALUE', text));
  });
});
