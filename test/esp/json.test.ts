import { describe, expect, it } from '@jest/globals';
import {
  type EspMessage,
  type JsonMessage,
  KeyValueList,
  ListError,
  listFromJson,
  listToJson,
  messageFromJson,
  messageToJson,
} from '../../src/esp/index.js';
import { vectors } from '../wire/vectors.js';

/** The JSON form of messages: the same on the command line, in recordings and in tests. */

const message: EspMessage = {
  messageId: 500,
  referenceId: -1,
  request: new KeyValueList([
    { key: 's', type: 'str', value: 'text' },
    { key: 's', type: 'utf16', value: '\ud800' },
    { key: 'x', type: 'strx', value: Buffer.from('00ff', 'hex') },
    { key: 'i', type: 'int', value: -0x80000000 },
    { key: 'b', type: 'bin', value: Buffer.alloc(0) },
    { key: 'l', type: 'list', value: new KeyValueList([{ key: '', type: 'list', value: new KeyValueList() }]) },
    { key: 'k\ufffd', keyBytes: Buffer.from('6bff', 'hex'), type: 'int', value: 1 },
  ]),
  userData: undefined,
};

const json: JsonMessage = {
  messageId: 500,
  referenceId: -1,
  request: [
    ['s', 'str', 'text'],
    ['s', 'utf16', '\ud800'],
    ['x', 'strx', '00ff'],
    ['i', 'int', -0x80000000],
    ['b', 'bin', ''],
    ['l', 'list', [['', 'list', []]]],
    [{ hex: '6bff' }, 'int', 1],
  ],
  userData: null,
};

describe('a message', () => {
  it('is written like this', () => expect(messageToJson(message)).toEqual(json));
  it('is read from it', () => expect(messageFromJson(json)).toEqual(message));
  it('is the same through text', () => expect(messageFromJson(JSON.parse(JSON.stringify(json)))).toEqual(message));

  it('can omit absent parts, and have additional fields', () => {
    expect(messageFromJson({ messageId: 501, name: 'a name', hex: '00' })).toEqual({
      messageId: 501,
      referenceId: undefined,
      request: undefined,
      userData: undefined,
    });
  });

  it('distinguishes an absent list from an empty one', () => {
    const read = messageFromJson({ messageId: 1, request: [], userData: null });
    expect(messageToJson(read)).toEqual({ messageId: 1, referenceId: null, request: [], userData: null });
  });

  it('accepts uppercase hex', () => {
    expect(listFromJson([['b', 'bin', 'AbFF']]).binary('b')).toEqual(Buffer.from('abff', 'hex'));
  });

  it('shows bytes of a larger buffer', () => {
    const part = new Uint8Array([1, 2, 3, 4]).subarray(1, 3);
    expect(listToJson(new KeyValueList([{ key: 'b', type: 'bin', value: part }]))).toEqual([['b', 'bin', '0203']]);
  });

  it.each(vectors.map((vector) => [vector.name, vector] as const))('captured: %s', (_name, vector) => {
    const { messageId, referenceId, request, userData } = vector;
    expect(messageToJson(messageFromJson(vector))).toEqual({ messageId, referenceId, request, userData });
  });
});

describe('an invalid list', () => {
  it.each([
    [null, 'list: a list must be an array of [key, type, value] entries'],
    ['text', 'list: a list must be an array of [key, type, value] entries'],
    [{ a: 1 }, 'list: a list must be an array of [key, type, value] entries'],
    [['a'], 'list[0]: an entry must be [key, type, value]'],
    [[['a', 'str']], 'list[0]: an entry must be [key, type, value]'],
    [[['a', 'str', 'b', 'c']], 'list[0]: an entry must be [key, type, value]'],
    [[['a', 'str', 'b'], null], 'list[1]: an entry must be [key, type, value]'],
    [[[1, 'str', 'b']], 'list[0][0]: a key must be a string, or {"hex": ...} for bytes that are not text'],
    [[[null, 'str', 'b']], 'list[0][0]: a key must be a string, or {"hex": ...} for bytes that are not text'],
    [[[{}, 'str', 'b']], 'list[0][0]: a key must be a string, or {"hex": ...} for bytes that are not text'],
    [[[{ hex: 'f' }, 'str', 'b']], 'list[0][0]: bytes must be hex, two digits a byte'],
    [[['a', 'strng', 'b']], 'list[0][1]: unknown type "strng"; use str, strx, int, bin, utf16 or list'],
    [[['a', 5, 'b']], 'list[0][1]: unknown type 5; use str, strx, int, bin, utf16 or list'],
    [[['a', 'str', 5]], 'list[0][2]: a value of type str must be a string'],
    [[['a', 'utf16', null]], 'list[0][2]: a value of type utf16 must be a string'],
    [[['a', 'int', '5']], 'list[0][2]: a value of type int must be a 32-bit integer'],
    [[['a', 'int', 1.5]], 'list[0][2]: a value of type int must be a 32-bit integer'],
    [[['a', 'int', 2147483648]], 'list[0][2]: a value of type int must be a 32-bit integer'],
    [[['a', 'bin', 5]], 'list[0][2]: bytes must be hex, two digits a byte'],
    [[['a', 'bin', 'abc']], 'list[0][2]: bytes must be hex, two digits a byte'],
    [[['a', 'strx', 'zz']], 'list[0][2]: bytes must be hex, two digits a byte'],
    [[['a', 'strx', 'ff\n']], 'list[0][2]: bytes must be hex, two digits a byte'],
    [[['a', 'list', null]], 'list[0][2]: a list must be an array of [key, type, value] entries'],
    [
      [
        ['a', 'int', 1],
        ['l', 'list', [['m', 'list', [['x', 'str', false]]]]],
      ],
      'list[1][2][0][2][0][2]: a value of type str must be a string',
    ],
  ])('%j: %s', (broken, text) => expect(() => listFromJson(broken)).toThrow(new ListError('ESP_LIST_JSON', text)));
});

describe('an invalid message', () => {
  it.each([
    [undefined, 'a message must be an object with messageId, referenceId, request, userData'],
    [null, 'a message must be an object with messageId, referenceId, request, userData'],
    [500, 'a message must be an object with messageId, referenceId, request, userData'],
    [[], 'a message must be an object with messageId, referenceId, request, userData'],
    [{}, 'messageId: must be a number (500, 501 or 502)'],
    [{ messageId: '500' }, 'messageId: must be a number (500, 501 or 502)'],
    [{ messageId: 5e9 }, 'messageId: must be a number (500, 501 or 502)'],
    [{ messageId: 500, referenceId: '1' }, 'referenceId: must be a 32-bit integer or null'],
    [{ messageId: 500, referenceId: 0.5 }, 'referenceId: must be a 32-bit integer or null'],
    [{ messageId: 500, request: {} }, 'request: a list must be an array of [key, type, value] entries'],
    [{ messageId: 500, userData: 'x' }, 'userData: a list must be an array of [key, type, value] entries'],
    [
      { messageId: 500, request: [['a', 'strng', '']] },
      'request[0][1]: unknown type "strng"; use str, strx, int, bin, utf16 or list',
    ],
    [{ messageId: 500, userData: [['a', 'int', 1], []] }, 'userData[1]: an entry must be [key, type, value]'],
  ])('%j: %s', (broken, text) => expect(() => messageFromJson(broken)).toThrow(new ListError('ESP_LIST_JSON', text)));
});
