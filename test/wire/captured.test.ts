import { describe, expect, it } from '@jest/globals';
import { messageFromJson, messageToJson } from '../../src/esp/index.js';
import { charset, decodeBody, encodeMessage, FrameReader } from '../../src/wire/index.js';
import { vectors } from './vectors.js';

const utf8 = charset('utf-8');

describe('messages captured from the vendor SDK', () => {
  it('are 160', () => expect(vectors).toHaveLength(160));

  it.each(vectors.map((vector) => [vector.name, vector] as const))('%s decodes to the given lists', (_name, vector) => {
    const decoded: unknown[] = [];
    const reader = new FrameReader(
      {
        body: (bytes, start, end) => decoded.push(messageToJson(decodeBody(bytes, start, end, utf8))),
        addp: () => decoded.push('addp'),
      },
      16 << 20,
    );
    reader.push(Buffer.from(vector.hex, 'hex'));
    reader.end();
    const { messageId, referenceId, request, userData } = vector;
    expect(decoded).toEqual([{ messageId, referenceId, request, userData }]);
  });

  it.each(vectors.map((vector) => [vector.name, vector] as const))('%s encodes to the same bytes', (_name, vector) => {
    expect(encodeMessage(messageFromJson(vector), utf8).toString('hex')).toBe(vector.hex);
  });
});
