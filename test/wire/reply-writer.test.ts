import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  EspFault,
  type EspReply,
  EspRequest,
  faultTo,
  type JsonEntry,
  listFromJson,
  messageFromJson,
  ReplyTooLargeError,
  responseTo,
} from '../../src/esp/index.js';
import { ByteWriter, charset, EncodeError, encodeMessage, ReplyWriter } from '../../src/wire/index.js';
import { anyMessage } from './arbitraries.js';
import { countingCharset } from './counting-charset.js';

/** A reply's bytes are those of its message, whatever was written before it. */

const utf8 = charset('utf-8');

const asked = (request: JsonEntry[], referenceId: number | null = 7): EspRequest =>
  new EspRequest(messageFromJson({ messageId: 500, referenceId, request }));

/** Few names and kinds, so that replies share what they begin with, or nearly do. */
const anyRequest = fc
  .record({
    referenceId: fc.integer({ min: -0x80000000, max: 0x7fffffff }),
    appType: fc.constantFrom<JsonEntry | undefined>(
      undefined,
      ['AppType', 'int', 171],
      ['AppType', 'int', 64],
      ['AppType', 'str', '171'],
      ['AppType', 'str', 'SocialMS'],
      ['AppType', 'utf16', 'SocialMS'],
      ['AppType', 'str', 'x'.repeat(300)],
      ['AppType', 'list', []],
      ['AppType', 'bin', 'ff'],
    ),
    service: fc.constantFrom('Messaging', 'Test', 'Имя', ''),
    method: fc.constantFrom('Get', 'ValidateContact'),
    kind: fc.constantFrom('str', 'utf16'),
  })
  .map(({ referenceId, appType, service, method, kind }) =>
    asked([...(appType ? [appType] : []), ['Service', kind, service], ['Method', kind, method]], referenceId),
  );

const anyReply: fc.Arbitrary<EspReply> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(anyRequest, anyMessage)
      .map(([request, { request: list }]) => responseTo(request, 171, listFromJson(list ?? []))),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(anyRequest, anyMessage)
      .map(([request, { request: list }]) => responseTo(request, 171, listFromJson([]), listFromJson(list ?? []))),
  },
  { weight: 1, arbitrary: anyRequest.map((request) => faultTo(request, 171, new EspFault(904, 'wrong'))) },
);

it('any replies, one after the other', () => {
  fc.assert(
    fc.property(fc.array(anyReply, { minLength: 1, maxLength: 12 }), (replies) => {
      const [writer, out] = [new ReplyWriter(utf8), new ByteWriter()];
      for (const reply of replies) writer.write(out, reply);
      const expected = Buffer.concat(replies.map((reply) => encodeMessage(reply, utf8)));
      expect(out.bytes.subarray(0, out.length).equals(expected)).toBe(true);
    }),
    { numRuns: 200 },
  );
});

describe('a response', () => {
  it.each([16_250, 16_290, 16_291, 16_292, 16_293, 16_400, 65_600])('with %i bytes in a value', (length) => {
    const [writer, out] = [new ReplyWriter(utf8), new ByteWriter()];
    const reply = responseTo(
      asked([
        ['Service', 'str', 'S'],
        ['Method', 'str', 'M'],
      ]),
      171,
      listFromJson([['k', 'str', 'x'.repeat(length)]]),
    );
    writer.write(out, reply);
    writer.write(out, reply);
    const one = encodeMessage(reply, utf8);
    expect(out.bytes.subarray(0, out.length).equals(Buffer.concat([one, one]))).toBe(true);
  });

  it('without ReferenceId', () => {
    const out = new ByteWriter();
    const reply = responseTo(
      asked(
        [
          ['Service', 'str', 'S'],
          ['Method', 'str', 'M'],
        ],
        null,
      ),
      171,
      listFromJson([]),
    );
    new ReplyWriter(utf8).write(out, reply);
    expect(out.bytes.subarray(0, out.length).equals(encodeMessage(reply, utf8))).toBe(true);
  });

  it('that cannot be encoded keeps earlier replies', () => {
    const [writer, out] = [new ReplyWriter(charset('windows-1251')), new ByteWriter()];
    out.u8(1);
    const request = asked([
      ['Service', 'str', 'S'],
      ['Method', 'str', 'M'],
    ]);
    const reply = responseTo(
      request,
      171,
      listFromJson([
        ['a', 'str', 'x'],
        ['漢', 'str', 'x'],
      ]),
    );
    expect(() => writer.write(out, reply)).toThrow(EncodeError);
    expect(out.length).toBe(1);
  });
});

describe('a response that is limited', () => {
  const request = asked([
    ['Service', 'str', 'S'],
    ['Method', 'str', 'M'],
  ]);
  const long = responseTo(request, 171, listFromJson([['k', 'str', 'ж'.repeat(40_000)]]));
  const { length } = encodeMessage(long, utf8);

  it('may be as long as the limit', () => {
    const out = new ByteWriter();
    new ReplyWriter(utf8, length).write(out, long);
    expect(out.length).toBe(length);
  });

  it('is refused if it is longer', () => {
    const out = new ByteWriter();
    expect(() => new ReplyWriter(utf8, length - 1).write(out, long)).toThrow(
      new ReplyTooLargeError(length, length - 1),
    );
    expect(out.length).toBe(0);
  });

  it('is not a fault, which has the limit of its request', () => {
    const named = asked([
      ['Service', 'str', 'S'],
      ['Method', 'str', 'x'.repeat(20_000)],
    ]);
    const fault = faultTo(named, 171, new EspFault(1, 'x'));
    const out = new ByteWriter();
    new ReplyWriter(utf8, 100).write(out, fault);
    expect(out.length).toBe(encodeMessage(fault, utf8).length);
  });
});

describe('non-ASCII texts', () => {
  const { set, encoded } = countingCharset();
  const named = (appType: JsonEntry): EspRequest =>
    asked([appType, ['Service', 'str', 'Имя'], ['Method', 'str', 'Get']]);

  /** How many texts each of two writes of the same reply encodes. */
  function counts(reply: EspReply): number[] {
    const [writer, out] = [new ReplyWriter(set), new ByteWriter()];
    return [1, 2].map(() => {
      encoded.length = 0;
      writer.write(out, reply);
      return encoded.length;
    });
  }

  it.each<[string, JsonEntry, number[]]>([
    ['with an int as AppType', ['AppType', 'int', 171], [1, 0]],
    ['with an AppType of 64 characters', ['AppType', 'str', 'ж'.repeat(64)], [2, 0]],
    ['with an AppType of 65 characters, which are not cached', ['AppType', 'str', 'ж'.repeat(65)], [2, 2]],
  ])('are encoded once for all responses of a method: %s', (_what, appType, expected) => {
    expect(counts(responseTo(named(appType), 171, listFromJson([['Id', 'str', 'x']])))).toEqual(expected);
  });

  it('are encoded once for each fault that fits in a frame', () => {
    expect(counts(faultTo(named(['AppType', 'int', 171]), 171, new EspFault(1, 'нет')))).toEqual([2, 2]);
  });
});

it.each([16_000, 16_300, 70_000])('a fault to a method whose name has %i characters', (length) => {
  const [writer, out] = [new ReplyWriter(utf8), new ByteWriter()];
  const request = asked([
    ['Service', 'str', 'S'],
    ['Method', 'str', 'x'.repeat(length)],
  ]);
  const reply = faultTo(request, 171, new EspFault(902, 'unknown'));
  writer.write(out, reply);
  expect(out.bytes.subarray(0, out.length).equals(encodeMessage(reply, utf8))).toBe(true);
});
