import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { messageFromJson, messageToJson } from '../../src/esp/index.js';
import { charset, decodeBody, encodeBody, encodeMessage, FrameReader, frame } from '../../src/wire/index.js';
import { anyMessage } from './arbitraries.js';
import { bytes } from './hex.js';

const utf8 = charset('utf-8');

function decode(stream: Buffer): unknown[] {
  const messages: unknown[] = [];
  const reader = new FrameReader(
    {
      body: (body, start, end) => messages.push(decodeBody(body, start, end, utf8)),
      addp: () => messages.push('addp'),
    },
    16 << 20,
  );
  reader.push(stream);
  reader.end();
  return messages;
}

it('a handwritten message with every type of entry decodes correctly and encodes to the same bytes', () => {
  const message = bytes(`
    0000 0073 03 000001f5
    00000000 69 00000011
    00000002 62 000d 0001
      01 0000 0004 80000000
    00000001 62 004e 0007
      00 0001 73 0004 d0b7 d0b2
      01 0001 69 0004 7fffffff
      02 0001 62 0002 00ff
      04 0001 75 0006 d83d de00 dc00
      03 0001 6c 000a 000a 0001 00 0001 78 0000
      00 0001 73 0002 c328
      03 0001 65 0004 0004 0000
  `);
  const json = {
    messageId: 501,
    referenceId: 17,
    userData: [['', 'int', -0x80000000]],
    request: [
      ['s', 'str', 'зв'],
      ['i', 'int', 0x7fffffff],
      ['b', 'bin', '00ff'],
      ['u', 'utf16', '\u{1f600}\udc00'],
      ['l', 'list', [['x', 'str', '']]],
      ['s', 'strx', 'c328'],
      ['e', 'list', []],
    ],
  };
  expect(messageToJson(decodeBody(message, 4, message.length, utf8))).toEqual(json);
  expect(encodeMessage(messageFromJson(json), utf8).toString('hex')).toBe(message.toString('hex'));
});

it('any encoded message decodes to the same message, which encodes to the same bytes', () => {
  fc.assert(
    fc.property(anyMessage, (json) => {
      const stream = encodeMessage(messageFromJson(json), utf8);
      const [decoded, ...more] = decode(stream) as Parameters<typeof messageToJson>;
      expect(more).toEqual([]);
      expect(messageToJson(decoded)).toEqual(json);
      expect(encodeMessage(decoded, utf8).equals(stream)).toBe(true);
    }),
    { numRuns: 400 },
  );
});

it('a body framed by a relay has the bytes of the whole message', () => {
  fc.assert(
    fc.property(anyMessage, (json) => {
      const message = messageFromJson(json);
      expect(frame(encodeBody(message, utf8)).equals(encodeMessage(message, utf8))).toBe(true);
    }),
    { numRuns: 100 },
  );
});
