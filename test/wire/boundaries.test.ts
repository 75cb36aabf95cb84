import { describe, expect, it } from '@jest/globals';
import { type EspMessage, type KeyValueEntry, KeyValueList } from '../../src/esp/index.js';
import { charset, decodeBody, EncodeError, encodeBody, encodeMessage, FRAME_MAX, frame } from '../../src/wire/index.js';
import { countingCharset } from './counting-charset.js';
import { bytes, u16, u32 } from './hex.js';
import { read } from './reading.js';

/** Where the format changes its form: the bytes on either side of each boundary, laid out by hand. */

const utf8 = charset('utf-8');

const message = (...request: KeyValueEntry[]): EspMessage => ({
  messageId: 500,
  referenceId: undefined,
  request: new KeyValueList(request),
  userData: undefined,
});

const x = (length: number): string => 'x'.repeat(length);
const str = (key: string, length: number): KeyValueEntry => ({ key, type: 'str', value: x(length) });
const list = (key: string, ...entries: KeyValueEntry[]): KeyValueEntry => ({
  key,
  type: 'list',
  value: new KeyValueList(entries),
});

/** One attribute, Request3rdServer, and attribute 1; the list's type and the list follow. */
const HEAD = '01 000001f4 00000001';

const same = (actual: Buffer, expected: Buffer): void => {
  expect(actual.subarray(0, 80).toString('hex')).toBe(expected.subarray(0, 80).toString('hex'));
  expect(actual.length).toBe(expected.length);
  expect(actual.equals(expected)).toBe(true);
};

/** The body is these bytes, and these bytes are that message again. */
function expectBody(request: KeyValueEntry[], ...expected: (string | Buffer)[]): void {
  const body = Buffer.concat(expected.map((part) => (typeof part === 'string' ? bytes(part) : part)));
  same(encodeBody(message(...request), utf8), body);
  const decoded = decodeBody(body, 0, body.length, utf8);
  expect(decoded.request).toEqual(new KeyValueList(request));
}

const fill = (length: number): Buffer => Buffer.alloc(length, 'x');

describe('a list of one string with a key of one byte', () => {
  it('is short up to 65525 bytes of value', () => {
    expectBody([str('s', 65524)], `${HEAD} 62 fffe 0001 00 0001 73 fff4`, fill(65524));
    expectBody([str('s', 65525)], `${HEAD} 62 ffff 0001 00 0001 73 fff5`, fill(65525));
  });

  it('is long with a u16 count at 65526 and 65527', () => {
    expectBody([str('s', 65526)], `${HEAD} 42 0000fffe 0001 00 0001 73 fff6`, fill(65526));
    expectBody([str('s', 65527)], `${HEAD} 42 0000ffff 0001 00 0001 73 fff7`, fill(65527));
  });

  it('is long with a u32 count from 65528', () => {
    expectBody([str('s', 65528)], `${HEAD} 42 00010002 00000001 00 0001 73 fff8`, fill(65528));
    expectBody([str('s', 65535)], `${HEAD} 42 00010009 00000001 00 0001 73 ffff`, fill(65535));
  });
});

describe('a value in a long list', () => {
  it('of more than 65535 bytes has 0x80 on its type and a u32 length', () => {
    expectBody([str('s', 65536)], `${HEAD} 42 0001000c 00000001 80 0001 73 00010000`, fill(65536));
  });

  it.each([
    ['binary', 'bin' as const, '82'],
    ['a string that is not valid text', 'strx' as const, '80'],
  ])('%s too', (_what, type, code) => {
    const value = Buffer.alloc(65536, 0xff);
    expectBody([{ key: 'b', type, value }], `${HEAD} 42 0001000c 00000001 ${code} 0001 62 00010000`, value);
  });

  it('as UTF-16 too: from 32768 code units', () => {
    const units = Buffer.alloc(65536, '0436', 'hex');
    const entry = (length: number): KeyValueEntry => ({ key: 'u', type: 'utf16', value: 'ж'.repeat(length) });
    expectBody([entry(32767)], `${HEAD} 42 00010008 00000001 04 0001 75 fffe`, units.subarray(2));
    expectBody([entry(32768)], `${HEAD} 42 0001000c 00000001 84 0001 75 00010000`, units);
  });

  it('of other sizes is unchanged in a short list', () => {
    const small = list('l', { key: 'i', type: 'int', value: 5 });
    expectBody(
      [small, str('s', 65536), { key: 'i', type: 'int', value: -1 }],
      `${HEAD} 42 0001002a 00000003 03 0001 6c 000e 000e 0001 01 0001 69 0004 00000005 80 0001 73 00010000`,
      fill(65536),
      '01 0001 69 0004 ffffffff',
    );
  });
});

describe('a nested list of one string with a key of one byte', () => {
  it('is short up to 65525 bytes of value, as its length is written twice', () => {
    expectBody(
      [list('n', str('s', 65525))],
      `${HEAD} 42 00010009 00000001 03 0001 6e ffff ffff 0001 00 0001 73 fff5`,
      fill(65525),
    );
  });

  it.each([
    [65526, '0001000c', '00010000', 'fff6'],
    [65527, '0001000d', '00010001', 'fff7'],
    [65528, '0001000e', '00010002', 'fff8'],
  ])('is of type 0x83 with a u32 count from 65526: %i', (length, outer, inner, value) => {
    expectBody(
      [list('n', str('s', length))],
      `${HEAD} 42 ${outer} 00000001 83 0001 6e ${inner} 00000001 00 0001 73 ${value}`,
      fill(length),
    );
  });

  it('with a value over 65535 is 0x83 with 0x80 in it, at any depth', () => {
    expectBody(
      [list('a', list('b', str('s', 65536)))],
      `${HEAD} 42 00010024 00000001 83 0001 61 00010018 00000001 83 0001 62 0001000c 00000001 80 0001 73 00010000`,
      fill(65536),
    );
  });

  it('fits short in a short list as long as the outer list does', () => {
    expectBody(
      [list('n', str('s', 65515))],
      `${HEAD} 62 ffff 0001 03 0001 6e fff5 fff5 0001 00 0001 73 ffeb`,
      fill(65515),
    );
    expectBody(
      [list('n', str('s', 65516))],
      `${HEAD} 42 0000fffe 0001 03 0001 6e fff6 fff6 0001 00 0001 73 ffec`,
      fill(65516),
    );
  });
});

describe('a list of many entries', () => {
  const empty = (count: number): KeyValueEntry[] =>
    Array.from({ length: count }, () => ({ key: '', type: 'str', value: '' }) as const);

  it('is short up to 13106 of five bytes', () => {
    expectBody(empty(13106), `${HEAD} 62 fffe 3332`, Buffer.alloc(13106 * 5));
    expectBody(empty(13107), `${HEAD} 42 00010003 00003333`, Buffer.alloc(13107 * 5));
  });

  it('counts in 32 bits', () => expectBody(empty(65536), `${HEAD} 42 00050004 00010000`, Buffer.alloc(65536 * 5)));
});

describe('a key', () => {
  const key = (length: number): KeyValueEntry => ({ key: x(length), type: 'int', value: 7 });

  it('may have 65535 bytes', () => {
    expectBody([key(65535)], `${HEAD} 42 0001000c 00000001 01 ffff`, fill(65535), '0004 00000007');
    expectBody([key(0)], `${HEAD} 62 000d 0001 01 0000 0004 00000007`);
  });

  it.each([
    ['text', key(65536)],
    ['text of two bytes a letter', { key: 'ж'.repeat(32768), type: 'int', value: 7 }],
    [
      'text of two bytes a letter before a value that is long',
      { key: 'ж'.repeat(32768), type: 'bin', value: fill(70_000) },
    ],
    ['bytes', { key: '', keyBytes: Buffer.alloc(65536, 0xff), type: 'int', value: 7 }],
  ] as [string, KeyValueEntry][])('of 65536 bytes is refused: %s', (_what, entry) => {
    const refused = new EncodeError('ESP_WIRE_KEY_TOO_LONG', 'key of 65536 bytes exceeds the maximum of 65535 bytes');
    expect(() => encodeBody(message(entry), utf8)).toThrow(refused);
    expect(() => encodeBody(message(str('s', 65536), list('l', entry)), utf8)).toThrow(refused);
  });
});

describe('a message', () => {
  /** attribute count, message id, attribute id, 'b', list length and count, type, key length, key, value length */
  const OVERHEAD = 1 + 4 + 4 + 1 + 4 + 1 + 2 + 1 + 2;
  const MARKER = Buffer.concat([bytes('0000001c'), Buffer.from('$PACKET EXTENSION V1.00$', 'latin1')]);
  const ofBody = (length: number): EspMessage => message(str('s', length - OVERHEAD));
  const part = (body: Buffer, from: number, to: number): Buffer[] => [u32(to - from), body.subarray(from, to)];
  const bodyOf = (length: number): Buffer =>
    Buffer.concat([
      bytes(`${HEAD} 62`),
      u16(length - 10),
      bytes('0001 00 0001 73'),
      u16(length - OVERHEAD),
      fill(length - OVERHEAD),
    ]);

  it('of 16380 bytes is one frame', () => {
    expect(FRAME_MAX).toBe(16380);
    same(encodeMessage(ofBody(16380), utf8), Buffer.concat([bytes('00003ffc'), bodyOf(16380)]));
  });

  it.each([
    [16381, [16380, 16381]],
    [32760, [16380, 32760]],
    [32761, [16380, 32760, 32761]],
  ])('of %i bytes is a packet extension', (length, ends) => {
    const body = bodyOf(length);
    const parts = ends.flatMap((end, index) => part(body, ends[index - 1] ?? 0, end));
    const expected = Buffer.concat([MARKER, u32(length), ...parts]);
    same(encodeMessage(ofBody(length), utf8), expected);
    same(frame(body), expected);
    expect(read(expected)).toEqual([`body ${body.toString('hex')}`]);
  });

  it('of no attributes is the smallest', () => {
    const none = { messageId: 500, referenceId: undefined, request: undefined, userData: undefined };
    same(encodeMessage(none, utf8), bytes('00000005 00 000001f4'));
    expect(decodeBody(bytes('00 000001f4'), 0, 5, utf8)).toEqual(none);
  });

  it('distinguishes no Request list from an empty one', () => {
    const of = (request: KeyValueList | undefined): string =>
      encodeBody({ ...message(), referenceId: 1, request }, utf8).toString('hex');
    expect(of(undefined)).toBe('01000001f4000000006900000001');
    expect(of(new KeyValueList())).toBe('02000001f4000000006900000001' + '000000016200040000');
  });
});

it('a value that needs the long form is measured and written, not tried in the short form', () => {
  const { set, encoded } = countingCharset();
  encodeBody(message({ key: 'k', type: 'str', value: 'ж'.repeat(70_000) }), set);
  expect(encoded.filter((text) => text !== 'k')).toHaveLength(2);
});
