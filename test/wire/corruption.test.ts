import { describe, expect, it } from '@jest/globals';
import { type EspMessage, messageToJson } from '../../src/esp/index.js';
import { type Charset, charset, decodeBody, encodeBody, FrameReader, WireError } from '../../src/wire/index.js';
import { u16, u32 } from './hex.js';
import { Random } from './random.js';
import { bytesOf, isExtension } from './streams.js';
import { vectors } from './vectors.js';

/** Bytes that went wrong anywhere end in a WireError, in valid messages, or in a stream that waits for more. */

const CORRUPTIONS = 100_000;
const SEED = 20260;

const splice = (stream: Buffer, at: number, remove: number, ...insert: Buffer[]): Buffer =>
  Buffer.concat([stream.subarray(0, at), ...insert, stream.subarray(at + remove)]);

const someBytes = (random: Random): Buffer =>
  Buffer.from(Array.from({ length: 1 + random.below(8) }, () => random.below(256)));

/** What a length or a count may claim. */
const lie16 = (random: Random): number =>
  random.of([0, 1, 2, 3, 4, 5, 6, 0x7fff, 0xfffe, 0xffff, random.below(0x10000)]);
const lie32 = (random: Random): number =>
  random.of([0, 4, 5, 28, 16380, 16381, 0xffff, 0x10000, 1 << 24, 0x7fffffff, 0xffffffff, random.below(0x20000)]);

const CORRUPT: ((stream: Buffer, at: number, random: Random) => Buffer)[] = [
  (stream, at, random) => splice(stream, at, 1, Buffer.of((stream[at] ?? 0) ^ (1 << random.below(8)))),
  (stream, at, random) => splice(stream, at, 1, Buffer.of(random.below(256))),
  (stream, at, random) => splice(stream, at, 0, someBytes(random)),
  (stream, at, random) => splice(stream, at, 1 + random.below(8)),
  (stream, at) => stream.subarray(0, at),
  (stream, at, random) => splice(stream, at, 2, u16(lie16(random))),
  (stream, at, random) => splice(stream, at, 4, u32(lie32(random))),
  (stream, at, random) => splice(stream, at, 0, stream.subarray(at, at + random.below(64))),
];

const messages = vectors.map(bytesOf);
const short = messages.filter((message) => message.length < 2500);
const long = messages.filter((message) => message.length >= 2500);

/** Corruptions are as likely in the headers as in all the rest. */
function corrupted(random: Random): Buffer {
  let stream = random.below(50) === 0 ? random.of(long) : random.of(short);
  for (let times = 1 + random.below(3); times > 0; times--) {
    const headers = isExtension(stream) ? 80 : 24;
    const at = random.below(random.below(2) === 0 ? Math.min(headers, stream.length) : stream.length);
    stream = random.of(CORRUPT)(stream, at, random);
    if (stream.length < 4) break;
  }
  return stream;
}

interface Outcome {
  readonly messages: EspMessage[];
  readonly unfinished: boolean;
  readonly error: unknown;
}

function readAll(stream: Buffer, cut: number, set: Charset): Outcome {
  const decoded: EspMessage[] = [];
  const reader = new FrameReader(
    { body: (bytes, start, end) => decoded.push(decodeBody(bytes, start, end, set)), addp() {} },
    1 << 20,
  );
  try {
    reader.push(stream.subarray(0, cut));
    reader.push(stream.subarray(cut));
    return { messages: decoded, unfinished: reader.unfinished, error: undefined };
  } catch (error) {
    return { messages: decoded, unfinished: false, error };
  }
}

/** A message that was read can be written, and reads as the same message. */
function isValid(message: EspMessage, set: Charset): boolean {
  const body = encodeBody(message, set);
  return (
    JSON.stringify(messageToJson(decodeBody(body, 0, body.length, set))) === JSON.stringify(messageToJson(message))
  );
}

describe.each([
  ['utf-8', 0.8],
  ['gb18030', 0.2],
])('captured messages, corrupted at random, in %s', (name, share) => {
  it(`${CORRUPTIONS * share} times: nothing but a WireError, valid messages, or an unfinished stream`, () => {
    const random = new Random(SEED);
    const set = charset(name);
    const seen = { errors: 0, messages: 0, unfinished: 0 };
    for (let round = 0; round < CORRUPTIONS * share; round++) {
      const stream = corrupted(random);
      const outcome = readAll(stream, random.below(stream.length + 1), set);
      const { error } = outcome;
      const fine =
        error === undefined || (error instanceof WireError && error.offset >= 0 && error.offset <= stream.length);
      if (!fine || !outcome.messages.every((message) => isValid(message, set))) {
        throw new Error(`round ${round}: ${stream.toString('hex')}`, { cause: error });
      }
      if (error !== undefined) seen.errors++;
      else if (outcome.unfinished) seen.unfinished++;
      else seen.messages++;
    }
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(1000 * share);
  });
});
