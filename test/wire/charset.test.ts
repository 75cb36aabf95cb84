import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type EspMessage, KeyValueList, listToJson } from '../../src/esp/index.js';
import { type Charset, charset, decodeBody, EncodeError, encodeBody } from '../../src/wire/index.js';
import { bytes, u16, u32 } from './hex.js';

/** How type 0 strings and keys are written and read in the charset of a listener, and what no charset loses. */

const NAMES = ['utf-8', 'windows-1251', 'windows-1252', 'gb18030', 'shift_jis'] as const;
type Name = (typeof NAMES)[number];

const HEAD = bytes('01 000001f4 00000001');

/** A message whose Request holds one type 0 string, laid out by hand. */
function bodyOf(key: Buffer, value: Buffer): Buffer {
  const length = 4 + 1 + 2 + key.length + 2 + value.length;
  return Buffer.concat([
    HEAD,
    bytes('62'),
    u16(length),
    bytes('0001 00'),
    u16(key.length),
    key,
    u16(value.length),
    value,
  ]);
}

const decode = (body: Buffer, set: Charset): EspMessage => decodeBody(body, 0, body.length, set);
const entryOf = (body: Buffer, set: Charset): unknown => listToJson(decode(body, set).request ?? new KeyValueList())[0];
const sameAgain = (body: Buffer, set: Charset): boolean => encodeBody(decode(body, set), set).equals(body);
const ascii = (text: string): Buffer => Buffer.from(text, 'latin1');

const write = (key: string, value: string, set: Charset): Buffer =>
  encodeBody(
    {
      messageId: 500,
      referenceId: undefined,
      request: new KeyValueList([{ key, type: 'str', value }]),
      userData: undefined,
    },
    set,
  );

describe('text that is valid in the charset', () => {
  it.each([
    ['utf-8', 'Привет, 世界 \u{1f600}', 'd09fd180d0b8d0b2d0b5d1822c20e4b896e7958c20f09f9880'],
    ['utf-8', '\ufeffBOM and \ufffd', 'efbbbf424f4d20616e6420efbfbd'],
    ['windows-1251', 'Привет', 'cff0e8e2e5f2'],
    ['windows-1252', 'Grüße – €', '4772fcdf6520962080'],
    ['gb18030', '你好 €\u{1f600}', 'c4e3bac320a2e39439fc36'],
    ['gb18030', '\ufffd', '8431a437'],
    ['shift_jis', '日本ソ', '93fa967b835c'],
    ['shift_jis', 'ｱ~\\', 'b17e5c'],
  ] as [Name, string, string][])('%s: %s', (name, text, hex) => {
    const set = charset(name);
    const body = bodyOf(bytes(hex), bytes(hex));
    expect(entryOf(body, set)).toEqual([text, 'str', text]);
    expect(write(text, text, set).toString('hex')).toBe(body.toString('hex'));
  });

  it.each(NAMES)('%s: ASCII, and nothing', (name) => {
    const set = charset(name);
    const printable = String.fromCharCode(...Array.from({ length: 128 }, (_, code) => code));
    expect(set.ascii).toBe(true);
    for (const text of ['', 'Messaging', printable, printable.repeat(3)]) {
      expect(entryOf(bodyOf(ascii(text), ascii(text)), set)).toEqual([text, 'str', text]);
      expect(write(text, text, set).equals(bodyOf(ascii(text), ascii(text)))).toBe(true);
    }
  });
});

describe('bytes that are not valid in the charset', () => {
  const INVALID: [Name, string, string][] = [
    ['utf-8', 'c328', 'a lead byte without its second'],
    ['utf-8', 'ff', 'a byte that is never used'],
    ['utf-8', 'c080', 'an overlong form'],
    ['utf-8', 'eda080', 'a surrogate'],
    ['utf-8', 'f4908080', 'a code point over 10ffff'],
    ['utf-8', 'efbfbdff', 'U+FFFD itself, then a byte that is not valid'],
    ['utf-8', 'efbbbf41ff', 'a byte order mark, then a byte that is not valid'],
    ['windows-1251', '98', 'a byte without a character'],
    ['windows-1252', '81', 'a byte without a character'],
    ['windows-1252', '4142 9d', 'another one, behind text'],
    ['gb18030', '81', 'the first half of a character'],
    ['gb18030', 'c4e3 ff', 'a byte that is never used, behind text'],
    ['gb18030', '8130ff30', 'a broken character of four bytes'],
    ['shift_jis', '81', 'the first half of a character'],
    ['shift_jis', '93fa 81ad', 'a character that is not assigned, behind text'],
    ['shift_jis', 'fa4a', 'a second code of a character: its text would be written as another'],
  ];

  it.each(INVALID)('%s %s (%s): the value is strx, and the same bytes again', (name, hex) => {
    const set = charset(name);
    const value = bytes(hex);
    const body = bodyOf(ascii('k'), value);
    expect(entryOf(body, set)).toEqual(['k', 'strx', value.toString('hex')]);
    expect(sameAgain(body, set)).toBe(true);
  });

  it.each(INVALID)('%s %s (%s): the key keeps its bytes', (name, hex) => {
    const set = charset(name);
    const key = bytes(hex);
    const body = bodyOf(key, ascii('v'));
    expect(entryOf(body, set)).toEqual([{ hex: key.toString('hex') }, 'str', 'v']);
    expect(decode(body, set).request?.entries[0]?.key).toBe(key.toString('utf8'));
    expect(sameAgain(body, set)).toBe(true);
  });

  it.each([
    ['int', '01', '0004 00000007', 'int', 7],
    ['binary', '02', '0002 00ff', 'bin', '00ff'],
    ['empty list', '03', '0004 0004 0000', 'list', []],
    ['UTF-16', '04', '0002 0041', 'utf16', 'A'],
    ['string that cannot be decoded either', '00', '0001 fe', 'strx', 'fe'],
  ])('in the key of an entry of any type: %s', (_what, code, value, type, json) => {
    const utf8 = charset('utf-8');
    const entry = bytes(`${code} 0002 6bff ${value}`);
    const body = Buffer.concat([HEAD, bytes('62'), u16(4 + entry.length), bytes('0001'), entry]);
    expect(entryOf(body, utf8)).toEqual([{ hex: '6bff' }, type, json]);
    expect(sameAgain(body, utf8)).toBe(true);
  });

  it('is decoded as a whole, however long the surrounding text is', () => {
    const utf8 = charset('utf-8');
    const value = Buffer.concat([Buffer.alloc(70_000, 'x'), bytes('ff')]);
    const list = Buffer.concat([bytes('80 0001 6b'), u32(value.length), value]);
    const body = Buffer.concat([HEAD, bytes('42'), u32(4 + list.length), bytes('00000001'), list]);
    expect(entryOf(body, utf8)).toEqual(['k', 'strx', value.toString('hex')]);
    expect(sameAgain(body, utf8)).toBe(true);
  });
});

describe('a str that the charset cannot encode', () => {
  it.each([
    ['utf-8', 'a\ud800b', '0061d8000062'],
    ['utf-8', '\udc00', 'dc00'],
    ['windows-1252', '中', '4e2d'],
    ['windows-1252', '\ufffd', 'fffd'],
    ['windows-1252', '\u0081', '0081'],
    ['windows-1251', 'Grüße', '0047007200fc00df0065'],
    ['gb18030', '\ud83d', 'd83d'],
    ['shift_jis', 'é\u{1f600}', '00e9d83dde00'],
  ] as [Name, string, string][])('%s: %j goes as UTF-16', (name, text, hex) => {
    const set = charset(name);
    const value = bytes(hex);
    const body = Buffer.concat([
      HEAD,
      bytes('62'),
      u16(4 + 6 + value.length),
      bytes('0001 04 0001 6b'),
      u16(value.length),
      value,
    ]);
    expect(write('k', text, set).toString('hex')).toBe(body.toString('hex'));
    expect(entryOf(body, set)).toEqual(['k', 'utf16', text]);
  });

  it('is UTF-16 in a long list too', () => {
    const utf8 = charset('utf-8');
    const text = `\ud800${'x'.repeat(40_000)}`;
    const body = write('k', text, utf8);
    expect(body.subarray(0, 26).toString('hex')).toBe('01000001f400000001420001388e0000000184' + '00016b00013882');
    expect(entryOf(body, utf8)).toEqual(['k', 'utf16', text]);
  });

  it.each([
    ['utf-8', '\ud800', 'charset utf-8 cannot express key "\\ud800"'],
    ['windows-1252', '中', 'charset windows-1252 cannot express key "中"'],
  ] as [Name, string, string][])('is refused as a key, which has no other form: %s %j', (name, key, text) => {
    expect(() => write(key, '', charset(name))).toThrow(new EncodeError('ESP_WIRE_KEY_CHARSET', text));
    expect(() => write(key, '', charset(name))).toThrow(expect.objectContaining({ name: 'EncodeError' }));
  });
});

describe('a charset', () => {
  it.each(['utf8', 'UTF-8', 'Utf-8'])('%s is utf-8', (name) => expect(charset(name).name).toBe('utf-8'));

  it('is utf-8 unless it is named', () => expect(charset().name).toBe('utf-8'));

  it.each(['xutf8', 'utf-88'])('%s is not utf-8', (name) => {
    expect(() => charset(name)).toThrow(expect.objectContaining({ code: 'ESP_WIRE_CHARSET' }));
  });

  it.each([
    ['utf-16le', 'fffe4100'],
    ['utf-16be', 'feff0041'],
  ])('keeps a byte order mark: %s', (name, hex) => {
    const [set, body] = [charset(name), bytes(hex)];
    expect(set.decode(body, 0, body.length)).toBe('\ufeffA');
    expect(set.encode('\ufeffA')).toEqual(body);
  });

  it('adds no byte order mark', () => expect(charset('utf-16').encode('Ann')?.toString('hex')).toBe('41006e006e00'));

  it('that is unknown is refused by name', () => {
    const unknown = { name: 'CharsetError', code: 'ESP_WIRE_CHARSET', message: "unknown charset 'windows-1'" };
    expect(() => charset('windows-1')).toThrow(expect.objectContaining(unknown));
  });

  it('that encodes ASCII differently is read and written accordingly', () => {
    const set = charset('utf-16be');
    expect(set.ascii).toBe(false);
    expect(write('k', 'v', set).equals(bodyOf(bytes('006b'), bytes('0076')))).toBe(true);
    expect(entryOf(bodyOf(bytes('006b'), bytes('0076')), set)).toEqual(['k', 'str', 'v']);
  });
});

describe.each(NAMES)('any bytes, as %s', (name) => {
  const set = charset(name);
  /** Bytes of the upper half, where charsets differ, are as likely as all the rest. */
  const anyByte = fc.oneof(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0x80, max: 0xff }));
  const anyBytes = fc.array(anyByte, { maxLength: 40 }).map((codes) => Buffer.from(codes));

  it('of one and of two bytes: are the same bytes again, as a value and as a key', () => {
    for (let code = 0; code < 0x100; code++) {
      const one = Buffer.of(code);
      if (!sameAgain(bodyOf(one, one), set)) throw new Error(one.toString('hex'));
      for (let second = 0; second < 0x100; second++) {
        const two = Buffer.of(code, second);
        if (!sameAgain(bodyOf(two, two), set)) throw new Error(two.toString('hex'));
      }
    }
  });

  it('of any length too', () => {
    fc.assert(
      fc.property(anyBytes, anyBytes, (key, value) => sameAgain(bodyOf(key, value), set)),
      { numRuns: 2000 },
    );
  });

  it('and any text round-trips', () => {
    const anyText = fc
      .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 })
      .map((units) => String.fromCharCode(...units));
    fc.assert(
      fc.property(fc.oneof(anyText, fc.string({ unit: 'binary' })), (text) => {
        const [, type, value] = entryOf(write('k', text, set), set) as [string, string, string];
        expect([type === 'str' || type === 'utf16', value]).toEqual([true, text]);
      }),
      { numRuns: 1000 },
    );
  });
});
