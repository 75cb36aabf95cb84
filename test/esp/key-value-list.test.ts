import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import {
  IncorrectParameterError,
  intOf,
  isInt32,
  type KeyValueEntry,
  KeyValueList,
  textOf,
} from '../../src/esp/index.js';
import { maskValues } from '../../src/telemetry/index.js';

/** What a handler reads out of a list by key. */

const inner = new KeyValueList([{ key: 'x', type: 'int', value: 1 }]);

const list = new KeyValueList([
  { key: 'Id', type: 'str', value: '+16315551002' },
  { key: 'Id', type: 'str', value: 'second' },
  { key: 'channel', type: 'utf16', value: 'whatsapp' },
  { key: 'broken', type: 'strx', value: Uint8Array.of(0x61, 0xff) },
  { key: 'count', type: 'int', value: -5 },
  { key: 'digits', type: 'utf16', value: '171' },
  { key: 'bytes', type: 'bin', value: Uint8Array.of(0, 255) },
  { key: 'list', type: 'list', value: inner },
  { key: '', type: 'str', value: 'no key' },
  { key: 'id', type: 'str', value: 'another case' },
]);

describe('by key', () => {
  it('returns the first entry, and is case-sensitive', () => {
    expect(list.find('Id')).toEqual({ key: 'Id', type: 'str', value: '+16315551002' });
    expect(list.string('Id')).toBe('+16315551002');
    expect(list.string('id')).toBe('another case');
    expect(list.string('')).toBe('no key');
    expect(list.find('ID')).toBeUndefined();
  });

  it('returns all entries in order', () => {
    expect(list.all('Id').map(textOf)).toEqual(['+16315551002', 'second']);
    expect(list.all('none')).toEqual([]);
  });

  it('reports whether there is one', () => {
    expect([list.has('Id'), list.has('none'), list.has('constructor')]).toEqual([true, false, false]);
  });

  it('depends only on its first entry', () => {
    const mixed = new KeyValueList([
      { key: 'a', type: 'list', value: inner },
      { key: 'a', type: 'str', value: 'text' },
    ]);
    expect(() => mixed.string('a')).toThrow('incorrect a: not a string');
  });
});

it('has a length, and grows at its end', () => {
  const growing = new KeyValueList();
  const same = growing.add({ key: 'a', type: 'int', value: 1 }).add({ key: 'a', type: 'int', value: 2 });
  expect(same).toBe(growing);
  expect([growing.length, growing.all('a').map(intOf)]).toEqual([2, [1, 2]]);
});

describe('a string', () => {
  it('is of either kind', () => {
    expect([list.string('Id'), list.string('channel')]).toEqual(['+16315551002', 'whatsapp']);
    expect([list.requireString('Id'), list.requireString('channel')]).toEqual(['+16315551002', 'whatsapp']);
  });

  it('with invalid bytes shows their valid text', () => expect(list.string('broken')).toBe('a\ufffd'));

  it('can be empty, which is not missing', () => {
    expect(new KeyValueList([{ key: 'a', type: 'str', value: '' }]).requireString('a')).toBe('');
  });
});

describe('an int', () => {
  it('is an int, or a string of either kind with an integer', () => {
    expect([list.int('count'), list.int('digits'), list.requireInt('digits')]).toEqual([-5, 171, 171]);
  });

  it.each([
    ['0', 0],
    ['007', 7],
    ['-1', -1],
    ['2147483647', 2147483647],
    ['-2147483648', -2147483648],
    ['2147483648', undefined],
    ['-2147483649', undefined],
    ['99999999999', undefined],
    ['', undefined],
    ['-', undefined],
    ['+1', undefined],
    [' 1', undefined],
    ['1\n', undefined],
    ['1.0', undefined],
    ['1e3', undefined],
    ['0x10', undefined],
    ['٣', undefined],
  ])('spelt %j is %s', (text, value) => expect(intOf({ key: 'a', type: 'str', value: text })).toBe(value));

  it.each([
    [0, true],
    [0x7fffffff, true],
    [-0x80000000, true],
    [0x80000000, false],
    [-0x80000001, false],
    [1.5, false],
    [Number.NaN, false],
    [Number.POSITIVE_INFINITY, false],
    ['1', false],
    [1n, false],
    [undefined, false],
  ])('of 32 bits: %s %s', (value, is) => expect(isInt32(value)).toBe(is));
});

it('lists and bytes are returned unchanged', () => {
  expect([list.list('list'), list.requireList('list')]).toEqual([inner, inner]);
  expect([list.binary('bytes'), list.requireBinary('bytes')]).toEqual([Uint8Array.of(0, 255), Uint8Array.of(0, 255)]);
});

describe('a missing value', () => {
  it('is undefined if it is optional', () => {
    expect([list.string('none'), list.int('none'), list.list('none'), list.binary('none')]).toEqual(
      Array(4).fill(undefined),
    );
  });

  it.each([
    ['string', () => list.requireString('none')],
    ['int', () => list.requireInt('none')],
    ['list', () => list.requireList('none')],
    ['binary', () => list.requireBinary('none')],
  ])('is an incorrect parameter if it is required: %s', (_type, read) => {
    expect(read).toThrow(new IncorrectParameterError('none', 'missing'));
  });
});

describe('a value of another type', () => {
  it.each([
    ['a string', ['count', 'bytes', 'list'], (key: string) => list.string(key)],
    ['a string', ['count', 'bytes', 'list'], (key: string) => list.requireString(key)],
    ['an int', ['Id', 'channel', 'broken', 'bytes', 'list'], (key: string) => list.int(key)],
    ['an int', ['Id'], (key: string) => list.requireInt(key)],
    ['a list', ['Id', 'channel', 'broken', 'count', 'bytes'], (key: string) => list.list(key)],
    ['a list', ['Id'], (key: string) => list.requireList(key)],
    ['binary', ['Id', 'channel', 'broken', 'count', 'list'], (key: string) => list.binary(key)],
    ['binary', ['Id'], (key: string) => list.requireBinary(key)],
  ] as const)('is an incorrect parameter: not %s', (wanted, keys, read) => {
    for (const key of keys) expect(() => read(key)).toThrow(new IncorrectParameterError(key, `not ${wanted}`));
  });

  it('is named with its place and its reason', () => {
    const error = new IncorrectParameterError('Id', 'no digits');
    expect(error).toMatchObject({
      name: 'IncorrectParameterError',
      parameter: 'Id',
      why: 'no digits',
      message: 'incorrect Id: no digits',
    });
  });
});

describe('an entry', () => {
  it.each([
    ['str', { key: 'a', type: 'str', value: 'text' }, 'text'],
    ['utf16', { key: 'a', type: 'utf16', value: '\ud800' }, '\ud800'],
    ['strx', { key: 'a', type: 'strx', value: Uint8Array.of(0xef, 0xbb, 0xbf, 0x61, 0xff) }, '\ufeffa\ufffd'],
    ['int', { key: 'a', type: 'int', value: 1 }, undefined],
    ['bin', { key: 'a', type: 'bin', value: Uint8Array.of(0x61) }, undefined],
    ['list', { key: 'a', type: 'list', value: inner }, undefined],
  ] as [string, KeyValueEntry, string | undefined][])('of type %s has this text', (_type, entry, text) => {
    expect(textOf(entry)).toBe(text);
  });
});

describe('a list for people', () => {
  const shown = new KeyValueList([
    { key: 'Id', type: 'str', value: '+1' },
    { key: 'Tag', type: 'utf16', value: 'a' },
    { key: 'Count', type: 'int', value: 5 },
    { key: 'Tag', type: 'str', value: 'b' },
    { key: 'Bytes', type: 'bin', value: Uint8Array.of(0, 255) },
    { key: 'Broken', type: 'strx', value: Uint8Array.of(0x61, 0xff) },
    { key: 'Inner', type: 'list', value: new KeyValueList([{ key: '__proto__', type: 'str', value: 'x' }]) },
  ]);

  it('is a plain object, with an array for a repeated key', () => {
    const plain = shown.toPlain();
    expect(plain).toEqual({
      Id: '+1',
      Tag: ['a', 'b'],
      Count: 5,
      Bytes: Uint8Array.of(0, 255),
      Broken: 'a\ufffd',
      Inner: JSON.parse('{"__proto__":"x"}'),
    });
    expect(Object.keys(plain)).toEqual(['Id', 'Tag', 'Count', 'Bytes', 'Broken', 'Inner']);
    expect(Object.keys(plain.Inner as object)).toEqual(['__proto__']);
    expect(KeyValueList.from(plain).toPlain()).toEqual(plain);
  });

  it('is JSON with bytes in hex, and the same as a string', () => {
    const json = '{"Id":"+1","Tag":["a","b"],"Count":5,"Bytes":"00ff","Broken":"a\ufffd","Inner":{"__proto__":"x"}}';
    expect(JSON.stringify(shown)).toBe(json);
    expect(String(shown)).toBe(json);
    expect(JSON.stringify(new KeyValueList())).toBe('{}');
  });

  it('is its content on the console, as deep as anything else', () => {
    const deep = KeyValueList.from({ a: { b: { c: { d: 'x' } } }, n: 1 });
    expect(inspect(deep)).toBe('KeyValueList { a: KeyValueList { b: KeyValueList { c: [KeyValueList] } }, n: 1 }');
    expect(inspect(deep, { depth: 0 })).toBe('KeyValueList { a: [KeyValueList], n: 1 }');
    expect(inspect({ list: deep }, { depth: 0 })).toBe('{ list: [KeyValueList] }');
    expect(inspect(deep, { depth: null })).toContain("d: 'x'");
    expect(inspect(new KeyValueList([{ key: 'b', type: 'bin', value: Buffer.of(255) }]))).toBe(
      'KeyValueList { b: <Buffer ff> }',
    );
  });

  it('has its secrets masked in a log', () => {
    expect(maskValues({ list: KeyValueList.from({ Password: 'x', Inner: { token: 'y', Id: 'z' } }) })).toEqual({
      list: { Password: '***', Inner: { token: '***', Id: 'z' } },
    });
  });
});
