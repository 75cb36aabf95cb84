import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type JsonEntry, messageFromJson } from '../../src/esp/index.js';
import { type ByteRange, type Charset, charset, dissect, encodeAddp, encodeMessage } from '../../src/wire/index.js';
import { anyMessage } from './arbitraries.js';
import { bytes, u16, u32 } from './hex.js';
import { captured, isExtension, MARKER_FRAME } from './streams.js';
import { vectors } from './vectors.js';

const utf8 = charset();

const frames = vectors.map(({ name, hex }) => [name, bytes(hex)] as const);

/** Where the ranges do not follow each other without a gap, from the first byte to the last; undefined: they do. */
function gap(frame: Buffer, ranges: readonly ByteRange[]): string | undefined {
  let at = 0;
  for (const { start, end, label } of ranges) {
    if (start !== at || end <= start) return `${label} ${start}-${end} follows ${at}`;
    at = end;
  }
  return at === frame.length ? undefined : `${at} of ${frame.length}`;
}

const shown = (frame: Buffer): string[] =>
  dissect(frame, utf8).map(({ start, end, label, depth, value }) =>
    `${start}-${end} ${depth} ${label} ${value ?? ''}`.trim(),
  );

describe('dissect', () => {
  it('explains each byte of a request', () => {
    const frame = bytes(`00000040 02 000001f4 00000000 69 00000011 00000001 62 002d 0003
      00 0007 53657276696365 0001 41  04 0001 6b 0002 0061
      03 0001 6c 000e 000e 0001 01 0001 69 0004 fffffffe`);
    expect(shown(frame)).toEqual([
      '0-4 0 length 64',
      '4-5 1 attribute count 2',
      '5-9 1 message id Request3rdServer',
      '9-13 2 attribute id ReferenceId',
      '13-14 2 attribute type i',
      '14-18 2 value 17',
      '18-22 2 attribute id Request',
      '22-23 2 attribute type b',
      '23-25 2 list length 45',
      '25-27 2 entry count 3',
      '27-28 3 entry type string',
      '28-30 3 key length 7',
      '30-37 3 key Service',
      '37-39 3 value length 1',
      '39-40 3 value A',
      '40-41 3 entry type UTF-16 string',
      '41-43 3 key length 1',
      '43-44 3 key k',
      '44-46 3 value length 2',
      '46-48 3 value a',
      '48-49 3 entry type list',
      '49-51 3 key length 1',
      '51-52 3 key l',
      '52-54 3 value length 14',
      '54-56 3 list length 14',
      '56-58 3 entry count 1',
      '58-59 4 entry type int',
      '59-61 4 key length 1',
      '61-62 4 key i',
      '62-64 4 value length 4',
      '64-68 4 value -2',
    ]);
  });

  it.each(frames)('covers every byte of %s once, in order, and understands all of it', (_name, frame) => {
    const ranges = dissect(frame, utf8);
    expect(gap(frame, ranges)).toBeUndefined();
    expect(ranges.map(({ label }) => label)).not.toContain('not understood');
  });

  it('names the parts of a packet extension, with ADDP frames between its fragments', () => {
    const whole = bytes(vectors.find(({ hex }) => isExtension(bytes(hex)))?.hex ?? '');
    const second = MARKER_FRAME + 4 + whole.readUInt32BE(MARKER_FRAME);
    const frame = Buffer.concat([
      whole.subarray(0, MARKER_FRAME),
      encodeAddp(0x50, 1),
      whole.subarray(MARKER_FRAME, second),
      encodeAddp(0x50, 2),
      whole.subarray(second),
    ]);
    const ranges = dissect(frame, utf8);
    expect(gap(frame, ranges)).toBeUndefined();
    const outer = ranges.filter(({ depth }) => depth === 0).map(({ label }) => label);
    expect(outer.slice(0, 5)).toEqual(['length', 'packet extension', 'total length', 'ADDP frame', 'fragment length']);
    expect(outer.slice(5, 7)).toEqual(['ADDP frame', 'fragment length']);
    expect(ranges.map(({ label }) => label)).not.toContain('not understood');
  });

  it('covers any message', () => {
    fc.assert(
      fc.property(anyMessage, (json) => {
        const frame = encodeMessage(messageFromJson(json), charset());
        const ranges = dissect(frame, utf8);
        expect(gap(frame, ranges)).toBeUndefined();
        expect(ranges.map(({ label }) => label)).not.toContain('not understood');
      }),
    );
  });

  it('covers any bytes, and shows where they become invalid', () => {
    const short = frames.map(([, frame]) => frame).filter(({ length }) => length < 400);
    fc.assert(
      fc.property(fc.constantFrom(...short), fc.nat(), fc.nat(255), fc.nat(), (frame, at, byte, cut) => {
        const broken = Buffer.from(frame.subarray(0, 1 + (cut % frame.length)));
        broken[at % broken.length] = byte;
        expect(gap(broken, dissect(broken, utf8))).toBeUndefined();
      }),
      { numRuns: 2000 },
    );
    expect(dissect(bytes('00000006 01 000001f4 09'), utf8).at(-1)).toMatchObject({ start: 9, label: 'not understood' });
  });

  const REQUEST = '01 000001f4 00000001';
  /** What it says of a body behind its message id. */
  const inBody = (hex: string): string[] => {
    const body = bytes(hex);
    return shown(Buffer.concat([u32(body.length), body])).filter((line) => !/^(0-4|4-5|5-9) /.test(line));
  };

  it.each<[string, string, string[]]>([
    [
      'an unknown attribute',
      '01 000001f4 00000007 69 00000005',
      ['9-13 2 attribute id attribute 7', '13-14 2 attribute type i', '14-18 2 value 5'],
    ],
    [
      'an attribute of an unknown type',
      '01 000001f4 00000001 43 0000',
      ['9-13 2 attribute id Request', '13-14 2 attribute type C', '14-16 1 not understood'],
    ],
    [
      'an int that is cut',
      '01 000001f4 00000000 69 000000',
      ['9-13 2 attribute id ReferenceId', '13-14 2 attribute type i', '14-17 1 not understood'],
    ],
    ['bytes behind the attributes', '00 000001f4 0000', ['9-11 1 not understood']],
    [
      'a list whose length is wrong',
      `${REQUEST} 62 000b 0001 00 0001 6b 0000 0000`,
      [
        ...[
          '9-13 2 attribute id Request',
          '13-14 2 attribute type b',
          '14-16 2 list length 11',
          '16-18 2 entry count 1',
        ],
        ...['18-19 3 entry type string', '19-21 3 key length 1', '21-22 3 key k', '22-24 3 value length 0'],
        '24-26 1 not understood',
      ],
    ],
    [
      'entries of other types',
      `${REQUEST} 62 0021 0003 05 0001 6b 0002 6162 80 0001 6c 0001 61 01 0001 6d 0003 000001`,
      [
        ...[
          '9-13 2 attribute id Request',
          '13-14 2 attribute type b',
          '14-16 2 list length 33',
          '16-18 2 entry count 3',
        ],
        ...[
          '18-19 3 entry type type 5',
          '19-21 3 key length 1',
          '21-22 3 key k',
          '22-24 3 value length 2',
          '24-26 3 value',
        ],
        ...[
          '26-27 3 entry type string',
          '27-29 3 key length 1',
          '29-30 3 key l',
          '30-32 3 value length 1',
          '32-33 3 value',
        ],
        ...[
          '33-34 3 entry type int',
          '34-36 3 key length 1',
          '36-37 3 key m',
          '37-39 3 value length 3',
          '39-42 3 value',
        ],
      ],
    ],
    [
      'a text that is not valid',
      `${REQUEST} 62 000c 0001 00 0002 6bff 0001 fe`,
      [
        ...[
          '9-13 2 attribute id Request',
          '13-14 2 attribute type b',
          '14-16 2 list length 12',
          '16-18 2 entry count 1',
        ],
        ...['18-19 3 entry type string', '19-21 3 key length 2', '21-23 3 key k\ufffd', '23-25 3 value length 1'],
        '25-26 3 value \ufffd',
      ],
    ],
    [
      'UTF-16 of an odd length',
      `${REQUEST} 62 000d 0001 04 0001 6b 0003 006100`,
      [
        ...[
          '9-13 2 attribute id Request',
          '13-14 2 attribute type b',
          '14-16 2 list length 13',
          '16-18 2 entry count 1',
        ],
        ...['18-19 3 entry type UTF-16 string', '19-21 3 key length 1', '21-22 3 key k', '22-24 3 value length 3'],
        '24-27 3 value a',
      ],
    ],
    ['a message without an id', '01 0000', ['5-7 1 not understood']],
  ])('names %s', (_what, hex, ranges) => expect(inBody(hex)).toEqual(ranges));

  it('shows the first 200 characters of a text', () => {
    const lengths = (length: number): number[] => {
      const text = 'x'.repeat(length);
      const request: JsonEntry[] = [
        [text, 'str', text],
        ['u', 'utf16', text],
      ];
      const frame = encodeMessage(messageFromJson({ messageId: 500, request }), utf8);
      const texts = dissect(frame, utf8).filter(({ label }) => label === 'key' || label === 'value');
      return texts.map(({ value }) => String(value).length);
    };
    expect([lengths(200), lengths(201)]).toEqual([
      [200, 200, 1, 200],
      [200, 200, 1, 200],
    ]);
  });

  it('understands lists that nest 999 deep', () => {
    const last = (lists: number) => {
      let list = bytes('0004 0000');
      for (let count = 1; count < lists; count++) {
        const length = u16(list.length);
        list = Buffer.concat([u16(list.length + 9), bytes('0001 03 0000'), length, list]);
      }
      const body = Buffer.concat([bytes(`${REQUEST} 62`), list]);
      return dissect(Buffer.concat([u32(body.length), body]), utf8).at(-1);
    };
    expect(last(999)).toMatchObject({ label: 'entry count', depth: 1000 });
    expect(last(1000)).toMatchObject({ label: 'not understood' });
  });

  it('throws what is no error of the format', () => {
    const broken: Charset = {
      ...utf8,
      decode: () => {
        throw new RangeError('broken');
      },
    };
    expect(() => dissect(bytes(`0000001b ${REQUEST} 62 000b 0001 00 0001 6b 0001 61`), broken)).toThrow(RangeError);
  });

  it('reads texts in the charset of the site', () => {
    const frame = encodeMessage(
      messageFromJson({ messageId: 500, request: [['city', 'str', 'Москва']] }),
      charset('windows-1251'),
    );
    expect(dissect(frame, charset('windows-1251')).at(-1)).toMatchObject({ label: 'value', value: 'Москва' });
  });

  it('supports the long form, with its large entries', () => {
    const labels = (name: string): string[] =>
      dissect(bytes(captured(name).hex), utf8)
        .filter(({ depth }) => depth > 1)
        .map(({ start, end, label, depth, value }) => `${depth} ${label} ${end - start} ${value ?? ''}`.trim());
    expect(labels('string-65526/request').slice(3, 7)).toEqual([
      '2 attribute id 4 Request',
      '2 attribute type 1 B',
      '2 list length 4 65534',
      '2 entry count 2 1',
    ]);
    const nested = labels('long-nested-list/request');
    const length = nested.findIndex((label) => /^3 list length 4 /.test(label));
    expect(nested.slice(length - 3, length + 2)).toEqual([
      expect.stringMatching(/^3 entry type 1 list$/),
      expect.stringMatching(/^3 key length 2 /),
      expect.stringMatching(/^3 key /),
      expect.stringMatching(/^3 list length 4 \d{5}$/),
      expect.stringMatching(/^3 entry count 4 \d+$/),
    ]);
  });
});
