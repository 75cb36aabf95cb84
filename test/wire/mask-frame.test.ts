import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type JsonEntry, messageFromJson, messageToJson } from '../../src/esp/index.js';
import { isSecretKey } from '../../src/telemetry/index.js';
import { charset, decodeBody, encodeMessage, FrameReader, maskFrame } from '../../src/wire/index.js';
import { anyMessage } from './arbitraries.js';
import { vectors } from './vectors.js';

const utf8 = charset();

function decoded(frame: Buffer) {
  const found: unknown[] = [];
  const reader = new FrameReader(
    {
      body: (bytes, start, end) => found.push(messageToJson(decodeBody(bytes, start, end, charset()))),
      addp: () => undefined,
    },
    64 << 20,
  );
  reader.push(frame);
  reader.end();
  return found[0];
}

const framed = (request: JsonEntry[]): Buffer => encodeMessage(messageFromJson({ messageId: 500, request }), utf8);

describe('a secret in a message', () => {
  it('is masked in place, for any type and depth', () => {
    const frame = framed([
      ['Password', 'str', 'hunter2'],
      ['access_token', 'utf16', 'añb'],
      ['API-Key', 'int', 5],
      ['apikey', 'bin', '00ff'],
      ['clientSecret', 'strx', 'ff'],
      ['Id', 'str', 'password'],
      [
        'credentials',
        'list',
        [
          ['user', 'str', 'ann'],
          ['more', 'list', [['x', 'str', 'y']]],
        ],
      ],
      [
        'Parameters',
        'list',
        [
          ['Authorization', 'str', 'Bearer é'],
          ['Id', 'str', '1'],
        ],
      ],
      ['password', 'str', ''],
    ]);
    const masked = maskFrame(frame, utf8, isSecretKey);
    expect(masked.length).toBe(frame.length);
    expect(decoded(masked)).toMatchObject({
      request: [
        ['Password', 'str', '*******'],
        ['access_token', 'utf16', '***'],
        ['API-Key', 'int', 0x2a2a2a2a],
        ['apikey', 'bin', '2a2a'],
        ['clientSecret', 'str', '*'],
        ['Id', 'str', 'password'],
        [
          'credentials',
          'list',
          [
            ['user', 'str', '***'],
            ['more', 'list', [['x', 'str', '*']]],
          ],
        ],
        [
          'Parameters',
          'list',
          [
            ['Authorization', 'str', '*********'],
            ['Id', 'str', '1'],
          ],
        ],
        ['password', 'str', ''],
      ],
    });
  });

  it('is masked across the fragments of a packet extension', () => {
    const secret = '0123456789'.repeat(4000);
    const frame = framed([
      ['before', 'str', 'x'],
      ['token', 'str', secret],
      ['tokenToo', 'utf16', secret],
      ['after', 'str', 'y'],
    ]);
    const masked = maskFrame(frame, utf8, isSecretKey);
    expect(decoded(masked)).toMatchObject({
      request: [
        ['before', 'str', 'x'],
        ['token', 'str', '*'.repeat(40_000)],
        ['tokenToo', 'utf16', '*'.repeat(40_000)],
        ['after', 'str', 'y'],
      ],
    });
    expect(masked.toString('latin1')).not.toMatch(/[0-9]{4}/);
  });

  it('is the only thing that changes', () => {
    for (const { hex } of vectors)
      expect(maskFrame(Buffer.from(hex, 'hex'), utf8, isSecretKey).toString('hex')).toBe(hex);
    fc.assert(
      fc.property(anyMessage, fc.string(), ({ request, ...message }, secret) => {
        const withSecret = (text: string): Buffer =>
          encodeMessage(messageFromJson({ ...message, request: [...(request ?? []), ['secret', 'str', text]] }), utf8);
        const frame = withSecret(secret);
        const length = utf8.encode(secret)?.length ?? 0;
        expect(maskFrame(frame, utf8, isSecretKey).equals(withSecret('*'.repeat(length)))).toBe(true);
      }),
    );
  });
});
