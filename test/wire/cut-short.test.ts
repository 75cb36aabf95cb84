import { describe, expect, it } from '@jest/globals';
import { WireError } from '../../src/wire/index.js';
import { bytes } from './hex.js';
import { Random } from './random.js';
import { Received, thrownBy } from './reading.js';
import { bytesOf, captured, fragments, isExtension, MARKER_FRAME } from './streams.js';
import { vectors } from './vectors.js';

/** A connection that ends inside a message says how much of it was missing. */

/** What the reader says of a connection that ends behind these bytes. */
function ending(stream: Buffer): unknown {
  const { reader } = new Received();
  reader.push(stream);
  return thrownBy(() => reader.end());
}

const insideFrame = (arrived: number, needed: number, at = arrived): WireError =>
  new WireError(
    'ESP_WIRE_FRAME_TRUNCATED',
    `the connection ended inside a frame: received ${arrived} of ${needed} bytes`,
    at,
    'stream',
  );

const insideLength = (arrived: number, at = arrived): WireError =>
  new WireError(
    'ESP_WIRE_FRAME_TRUNCATED',
    `the connection ended inside a frame: received ${arrived} of at least 4 bytes`,
    at,
    'stream',
  );

const insideExtension = (arrived: number, total: number, at: number): WireError =>
  new WireError(
    'ESP_WIRE_FRAME_TRUNCATED',
    `the connection ended inside a packet extension: received ${arrived} of ${total} bytes`,
    at,
    'stream',
  );

/** What a message that is cut behind `length` bytes must give. */
function expected(message: Buffer, length: number): WireError {
  if (length < 4) return insideLength(length);
  if (!isExtension(message)) return insideFrame(length, message.length);
  if (length < MARKER_FRAME) return insideFrame(length, MARKER_FRAME);
  const places = fragments(message);
  const last = places.findLast(({ at }) => at <= length);
  const arrived = last === undefined ? 0 : last.before + Math.max(0, length - last.at - 4);
  return insideExtension(arrived, message.readUInt32BE(MARKER_FRAME - 4), length);
}

function expectCut(message: Buffer, length: number): void {
  const error = ending(message.subarray(0, length));
  if (!(error instanceof WireError)) throw new Error(`cut behind ${length} bytes: ${String(error)}`);
  const { problem, offset, place } = expected(message, length);
  expect({ problem: error.problem, offset: error.offset, place: error.place }).toEqual({ problem, offset, place });
}

/** Header boundaries and one either side, and 200 places anywhere (the same in every run). */
function placesIn(message: Buffer): number[] {
  const random = new Random(message.length);
  const headers = isExtension(message)
    ? [4, 28, MARKER_FRAME, ...fragments(message).flatMap(({ at, length }) => [at + 4, at + 4 + length])]
    : [4, 5, 9];
  const around = headers.flatMap((place) => [place - 1, place, place + 1]);
  const anywhere = Array.from({ length: 200 }, () => random.below(message.length));
  return [1, 2, ...around, ...anywhere].filter((place) => place > 0 && place < message.length);
}

describe('a captured message that is cut', () => {
  const named = vectors.map((vector) => [vector.name, bytesOf(vector)] as const);

  it.each(named.filter(([, message]) => message.length < 2048))('%s, behind any byte', (_name, message) => {
    for (let length = 1; length < message.length; length++) expectCut(message, length);
    expect(ending(message)).toBeUndefined();
  });

  const long = named.filter(([, message]) => message.length >= 2048);
  it.each(long)('%s, at its headers and in 200 other places', (_name, message) => {
    for (const length of placesIn(message)) expectCut(message, length);
    expect(ending(message)).toBeUndefined();
  });
});

describe('the words', () => {
  const message = bytesOf(captured('validate-contact/request'));
  const extension = bytesOf(captured('string-16352/request'));

  it.each([
    [message.subarray(0, 3), 'received 3 of at least 4 bytes, at byte 3 of the stream'],
    [message.subarray(0, 4), 'received 4 of 170 bytes, at byte 4 of the stream'],
    [message.subarray(0, 169), 'received 169 of 170 bytes, at byte 169 of the stream'],
    [Buffer.concat([message, message.subarray(0, 5)]), 'received 5 of 170 bytes, at byte 175 of the stream'],
    [bytes('70'), 'received 1 of at least 4 bytes, at byte 1 of the stream'],
    [bytes('7032'), 'received 2 of 6 bytes, at byte 2 of the stream'],
    [bytes('7032490000'), 'received 5 of 6 bytes, at byte 5 of the stream'],
  ])('inside a frame (%#)', (stream, words) => {
    expect(ending(stream)).toEqual(new Error(`the connection ended inside a frame: ${words}`));
  });

  it.each([
    [extension.subarray(0, 32), 'received 0 of 16381 bytes, at byte 32 of the stream'],
    [extension.subarray(0, 35), 'received 0 of 16381 bytes, at byte 35 of the stream'],
    [extension.subarray(0, 16416), 'received 16380 of 16381 bytes, at byte 16416 of the stream'],
    [extension.subarray(0, 16420), 'received 16380 of 16381 bytes, at byte 16420 of the stream'],
    [
      Buffer.concat([extension.subarray(0, 16416), bytes('703250')]),
      'received 16380 of 16381 bytes, at byte 16419 of the stream',
    ],
  ])('inside a packet extension (%#)', (stream, words) => {
    expect(ending(stream)).toEqual(new Error(`the connection ended inside a packet extension: ${words}`));
  });
});

describe('no complaint', () => {
  it.each([
    ['without a byte', Buffer.alloc(0)],
    ['behind a message', bytesOf(captured('no-request/request'))],
    ['behind an ADDP frame', bytes('7032 50 000000')],
  ])('%s', (_what, stream) => {
    const { reader } = new Received();
    reader.push(stream);
    expect(reader.unfinished).toBe(false);
    expect(ending(stream)).toBeUndefined();
  });

  it('about the end of a stream that was already refused', () => {
    const { reader } = new Received();
    expect(thrownBy(() => reader.push(bytes('ffffffff')))).toBeInstanceOf(WireError);
    expect(thrownBy(() => reader.end())).toBeUndefined();
  });
});

it('is unfinished from the first byte of a unit to its last, between the fragments too', () => {
  const { reader } = new Received();
  const extension = bytesOf(captured('string-16352/request'));
  const states = Array.from(extension, (byte) => {
    reader.push(Buffer.of(byte));
    return reader.unfinished;
  });
  expect(states.indexOf(false)).toBe(extension.length - 1);
});
