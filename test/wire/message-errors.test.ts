import { describe, expect, it } from '@jest/globals';
import { messageFromJson, messageToJson } from '../../src/esp/index.js';
import { charset, decodeBody, encodeBody, WIRE_ERRORS, WireError, type WireErrorCode } from '../../src/wire/index.js';
import { bytes } from './hex.js';
import { thrownBy } from './reading.js';

/** What the decoder says of a body that breaks the format: every text, with its byte, from bytes written by hand. */

const utf8 = charset('utf-8');
const limits = { listDepth: 3, listEntries: 4 };

function refusal(hex: string, before = ''): unknown {
  const body = bytes(hex);
  const stream = Buffer.concat([bytes(before), body]);
  return thrownBy(() => decodeBody(stream, stream.length - body.length, stream.length, utf8, limits));
}

type Row = [what: string, hex: string, text: string];

/** @param rows texts without `of the message` */
function table(rows: Row[]): void {
  it.each(rows)('%s', (_what, hex, text) => {
    const error = refusal(hex);
    expect(error).toBeInstanceOf(WireError);
    expect(String(error)).toBe(`WireError: ${text} of the message`);
    expect((error as WireError).place).toBe('message');
    expect(Object.keys(WIRE_ERRORS)).toContain((error as WireError).code);
    expect(text).toBe(`${(error as WireError).problem}, at byte ${(error as WireError).offset}`);
    expect(refusal(hex, 'aabbccddeeff00')).toEqual(error);
  });
}

describe('a body', () => {
  table([
    ['of no bytes', '', 'message of 0 bytes is shorter than 5 bytes, at byte 0'],
    ['of four bytes', '00 0001f4', 'message of 4 bytes is shorter than 5 bytes, at byte 0'],
    ['with bytes behind its attributes', '00 000001f4 00', '1 bytes left over after the attributes, at byte 5'],
    [
      'with an attribute that is not counted',
      '01 000001f4 00000000 69 00000001 00000001 62 0004 0000',
      '9 bytes left over after the attributes, at byte 14',
    ],
  ]);
});

describe('an attribute', () => {
  table([
    ['that is counted but not there', '01 000001f4', 'truncated attribute: expected 5 bytes, got 0 bytes, at byte 5'],
    ['that is cut', '01 000001f4 00000000', 'truncated attribute: expected 5 bytes, got 4 bytes, at byte 5'],
    [
      'of an unknown type',
      '01 000001f4 00000001 43 0004 0000',
      "attribute 1 has unknown type 0x43; expected 'i', 'b' or 'B', at byte 9",
    ],
    [
      'of an unknown type, and unknown itself',
      '01 000001f4 00000007 05 0004 0000',
      "attribute 7 has unknown type 0x05; expected 'i', 'b' or 'B', at byte 9",
    ],
    ['ReferenceId as a short list', '01 000001f4 00000000 62 0004 0000', 'ReferenceId is not an int, at byte 9'],
    ['ReferenceId as a long list', '01 000001f4 00000000 42 00000002 0000', 'ReferenceId is not an int, at byte 9'],
    ['Request as an int', '01 000001f4 00000001 69 00000005', 'Request is not a list, at byte 9'],
    ['UserData as an int', '01 000001f4 00000002 69 00000005', 'UserData is not a list, at byte 9'],
    ['ReferenceId twice', '02 000001f4 00000000 69 00000001 00000000 69 00000002', 'duplicate attribute 0, at byte 14'],
    ['Request twice', '02 000001f4 00000001 62 0004 0000 00000001 62 0004 0000', 'duplicate attribute 1, at byte 14'],
    [
      'UserData twice, in both forms',
      '02 000001f4 00000002 62 0004 0000 00000002 42 00000002 0000',
      'duplicate attribute 2, at byte 14',
    ],
    [
      'an int that is cut',
      '01 000001f4 00000000 69 000001',
      'truncated int: expected 4 bytes, got 3 bytes, at byte 10',
    ],
  ]);
});

describe('an unknown attribute', () => {
  it.each([
    ['int', '69 ffffffff'],
    ['short list', '62 000a 0001 00 0001 6b 0000'],
    ['empty short list', '62 0004 0000'],
    ['short list that is only a length', '62 0002'],
    ['long list', '42 0000000a 0001 00 0001 6b 00000000'],
    ['long list of no bytes', '42 00000000'],
    ['short list of anything: it is not read', '62 0006 ffff ffff'],
  ])('is skipped: %s', (_what, value) => {
    const body = bytes(`04 000001f4 00000003 ${value} 00000000 69 00000011 ffffffff ${value} 00000001 62 0004 0000`);
    const decoded = messageToJson(decodeBody(body, 0, body.length, utf8));
    expect(decoded).toEqual({ messageId: 500, referenceId: 17, request: [], userData: null });
  });

  it('may stand twice', () => {
    const body = bytes('02 000001f4 00000003 69 00000001 00000003 69 00000002');
    expect(decodeBody(body, 0, body.length, utf8).messageId).toBe(500);
  });

  it('is not taken for one whose number differs by 32', () => {
    const body = bytes('03 000001f4 00000021 69 00000001 00000022 69 00000002 00000001 62 0004 0000');
    expect(decodeBody(body, 0, body.length, utf8).request?.length).toBe(0);
  });

  table([
    ['int that is cut', '01 000001f4 00000003 69 0000', 'truncated int: expected 4 bytes, got 2 bytes, at byte 10'],
    [
      'short list without a length',
      '01 000001f4 00000003 62 00',
      'truncated list: expected 2 bytes, got 1 bytes, at byte 10',
    ],
    [
      'long list without a length',
      '01 000001f4 00000003 42 000000',
      'truncated list: expected 4 bytes, got 3 bytes, at byte 10',
    ],
    [
      'short list below its length',
      '01 000001f4 00000003 62 0001 00',
      'list of 1 bytes does not fit in 3 bytes, at byte 10',
    ],
    [
      'short list that is cut',
      '01 000001f4 00000003 62 0005 0000',
      'list of 5 bytes does not fit in 4 bytes, at byte 10',
    ],
    [
      'long list that is cut',
      '01 000001f4 00000003 42 00000001',
      'list of 5 bytes does not fit in 4 bytes, at byte 10',
    ],
  ]);
});

/** One attribute, Request: the list's type stands at byte 9, its length at 10. */
const REQUEST = '01 000001f4 00000001';

describe('a short list', () => {
  table([
    [
      'that is cut in its head',
      `${REQUEST} 62 0004 00`,
      'truncated short list: expected 4 bytes, got 3 bytes, at byte 10',
    ],
    ['with a length below its head', `${REQUEST} 62 0003 0000`, 'short list length 3 is below 4, at byte 10'],
    ['that is cut', `${REQUEST} 62 0005 0000`, 'short list of 5 bytes does not fit in 4 bytes, at byte 10'],
    [
      'with a count that its bytes cannot hold',
      `${REQUEST} 62 000a 0002 00 0001 6b 0000`,
      'list of 2 entries does not fit in 6 bytes, at byte 14',
    ],
    [
      'with bytes behind its entries',
      `${REQUEST} 62 000c 0001 00 0001 6b 0000 0000`,
      "2 bytes left over after the list's entries, at byte 20",
    ],
    [
      'with bytes and no entries',
      `${REQUEST} 62 0005 0000 00`,
      "1 bytes left over after the list's entries, at byte 14",
    ],
  ]);
});

describe('a long list', () => {
  table([
    [
      'that is cut in its head',
      `${REQUEST} 42 00000002 00`,
      'truncated long list: expected 6 bytes, got 5 bytes, at byte 10',
    ],
    ['with a length below its count', `${REQUEST} 42 00000001 0000`, 'long list length 1 is below 2, at byte 10'],
    ['that is cut', `${REQUEST} 42 00000003 0000`, 'long list of 3 bytes does not fit in 2 bytes, at byte 10'],
    [
      'with a count that its bytes cannot hold',
      `${REQUEST} 42 00000008 0002 00 0001 6b 0000`,
      'list of 2 entries does not fit in 6 bytes, at byte 16',
    ],
    [
      'with bytes behind its entries',
      `${REQUEST} 42 00000009 0001 00 0001 6b 0000 00`,
      "1 bytes left over after the list's entries, at byte 22",
    ],
  ]);
});

describe('a list entry', () => {
  table([
    [
      'that is cut in its head',
      `${REQUEST} 62 000e 0002 00 0002 6b6b 0000 000000`,
      'truncated list entry: expected 5 bytes, got 3 bytes, at byte 21',
    ],
    ['of type 5', `${REQUEST} 62 000a 0001 05 0001 6b 0000`, 'unknown entry type 0x05, at byte 14'],
    [
      'of a large type in a short list',
      `${REQUEST} 62 000a 0001 80 0001 6b 0000`,
      'unknown entry type 0x80, at byte 14',
    ],
    [
      'of type 0x85 in a long list',
      `${REQUEST} 42 0000000a 0001 85 0001 6b 00000000`,
      'unknown entry type 0x85, at byte 16',
    ],
    [
      'whose key runs past the end',
      `${REQUEST} 62 000a 0001 00 0009 6b 0000`,
      'key of 9 bytes runs past the end of the list, at byte 15',
    ],
    [
      'whose key leaves no place for a length',
      `${REQUEST} 62 000a 0001 00 0002 6b 0000`,
      'key of 2 bytes runs past the end of the list, at byte 15',
    ],
    [
      'whose value runs past the end',
      `${REQUEST} 62 000b 0001 00 0001 6b 0002 61`,
      'value of 2 bytes does not fit in 1 bytes, at byte 18',
    ],
    [
      'whose u32 length runs past the end',
      `${REQUEST} 42 00000008 0001 80 0001 6b 0000`,
      'the length of a value runs past the end of the list, at byte 20',
    ],
    [
      'whose large value runs past the end',
      `${REQUEST} 42 0000000b 0001 82 0001 6b 00010000 61`,
      'value of 65536 bytes does not fit in 1 bytes, at byte 20',
    ],
    [
      'int of 3 bytes',
      `${REQUEST} 62 000d 0001 01 0001 6b 0003 000001`,
      'int of 3 bytes; expected 4 bytes, at byte 18',
    ],
    [
      'int of 5 bytes',
      `${REQUEST} 62 000f 0001 01 0001 6b 0005 0000000001`,
      'int of 5 bytes; expected 4 bytes, at byte 18',
    ],
    [
      'UTF-16 of 3 bytes',
      `${REQUEST} 62 000d 0001 04 0001 6b 0003 006100`,
      'UTF-16 string with an odd 3 bytes, at byte 18',
    ],
  ]);
});

describe('a nested list', () => {
  table([
    [
      'without a head',
      `${REQUEST} 62 000a 0001 03 0001 6b 0000`,
      'truncated short list: expected 4 bytes, got 0 bytes, at byte 20',
    ],
    [
      'with a length below its head',
      `${REQUEST} 62 000e 0001 03 0001 6b 0004 0000 0000`,
      'short list length 0 is below 4, at byte 20',
    ],
    [
      'that is longer than its place',
      `${REQUEST} 62 000e 0001 03 0001 6b 0004 0005 0000`,
      'short list of 5 bytes does not fit in 4 bytes, at byte 20',
    ],
    [
      'that is shorter than its place',
      `${REQUEST} 62 0010 0001 03 0001 6b 0006 0004 0000 0000`,
      '2 bytes left over after a nested list, at byte 24',
    ],
    [
      'with an entry that runs past its end but not past the outer one',
      `${REQUEST} 62 0019 0002 03 0001 6b 0009 0009 0001 00 0000 0001 00 0001 6b 0000`,
      'value of 1 bytes does not fit in 0 bytes, at byte 27',
    ],
    [
      'of type 0x83 that is not large',
      `${REQUEST} 42 0000000c 0001 83 0001 6b 0000ffff 0000`,
      'a large nested list (type 0x83) is too short for its type, at byte 20',
    ],
    [
      'of type 0x83 that is cut',
      `${REQUEST} 42 0000000c 0001 83 0001 6b 00010000 0000`,
      'long list of 65536 bytes does not fit in 2 bytes, at byte 20',
    ],
    [
      'deeper than the limit (here 3)',
      `${REQUEST} 62 001f 0001 03 0000 0016 0016 0001 03 0000 000d 000d 0001 03 0000 0004 0004 0000`,
      'lists nest more than 3 deep (limits.listDepth), at byte 41',
    ],
  ]);
});

it('lists may nest as deep as the limit, and have as many entries', () => {
  const read = (hex: string) => decodeBody(bytes(hex), 0, bytes(hex).length, utf8, limits).request;
  const deep = read(`${REQUEST} 62 0016 0001 03 0000 000d 000d 0001 03 0000 0004 0004 0000`);
  expect(deep?.requireList('').requireList('').length).toBe(0);
  expect(read(`${REQUEST} 62 0018 0004 ${'00 0000 0000'.repeat(4)}`)?.length).toBe(4);
});

it.each([
  [3, true],
  [2, false],
])('large lists that nest 3 deep, with a limit of %i: %s', (listDepth, isRead) => {
  const value = messageFromJson({
    messageId: 500,
    request: [['a', 'list', [['b', 'list', [['c', 'str', 'x'.repeat(70_000)]]]]]],
  });
  const body = encodeBody(value, utf8);
  const read = () => decodeBody(body, 0, body.length, utf8, { listDepth, listEntries: 10 });
  if (isRead) expect(messageToJson(read()).request).toEqual(messageToJson(value).request);
  else expect(read).toThrow(expect.objectContaining({ code: 'ESP_WIRE_LIST_TOO_DEEP' }));
});

describe('the lists of a message together', () => {
  table([
    [
      'hold more entries than the limit (here 4)',
      `02 000001f4 00000002 62 000e 0002 00 0000 0000 00 0000 0000 ${'00000001 62 0013 0003'} ${'00 0000 0000'.repeat(3)}`,
      'more than 4 entries in the lists of a message (limits.listEntries), at byte 33',
    ],
  ]);
});

it.each<[WireErrorCode, string]>([
  ['ESP_WIRE_TRUNCATED', '00'],
  ['ESP_WIRE_TRUNCATED', '01 000001f4'],
  ['ESP_WIRE_TRUNCATED', `${REQUEST} 62 0004 00`],
  ['ESP_WIRE_LENGTH', '01 000001f4 00000003 62 0005 0000'],
  ['ESP_WIRE_LENGTH', `${REQUEST} 62 0005 0000`],
  ['ESP_WIRE_LENGTH', `${REQUEST} 62 000a 0002 00 0001 6b 0000`],
  ['ESP_WIRE_LENGTH', `${REQUEST} 62 000b 0001 00 0001 6b 0002 61`],
  ['ESP_WIRE_LEFTOVER', '00 000001f4 00'],
  ['ESP_WIRE_LEFTOVER', `${REQUEST} 62 0005 0000 00`],
  ['ESP_WIRE_ATTRIBUTE', '02 000001f4 00000000 69 00000001 00000000 69 00000002'],
  ['ESP_WIRE_ATTRIBUTE', '01 000001f4 00000001 69 00000005'],
  ['ESP_WIRE_ENTRY', `${REQUEST} 62 000a 0001 05 0001 6b 0000`],
  ['ESP_WIRE_ENTRY', `${REQUEST} 62 000d 0001 01 0001 6b 0003 000001`],
  [
    'ESP_WIRE_LIST_TOO_DEEP',
    `${REQUEST} 62 001f 0001 03 0000 0016 0016 0001 03 0000 000d 000d 0001 03 0000 0004 0004 0000`,
  ],
  ['ESP_WIRE_LIST_TOO_LONG', `${REQUEST} 62 001d 0005 ${'00 0000 0000'.repeat(5)}`],
])('%s: %s', (code, hex) => expect(refusal(hex)).toMatchObject({ code }));
