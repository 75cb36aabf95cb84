import { u16, u32 } from './hex.js';
import type { Random } from './random.js';
import { bytesOf, isExtension } from './streams.js';
import { vectors } from './vectors.js';

/** Captured messages, gone wrong at random. */

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
export function corrupted(random: Random): Buffer {
  let stream = random.below(50) === 0 ? random.of(long) : random.of(short);
  for (let times = 1 + random.below(3); times > 0; times--) {
    const headers = isExtension(stream) ? 80 : 24;
    const at = random.below(random.below(2) === 0 ? Math.min(headers, stream.length) : stream.length);
    stream = random.of(CORRUPT)(stream, at, random);
    if (stream.length < 4) break;
  }
  return stream;
}
