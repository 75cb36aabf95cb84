import { once } from 'node:events';
import { connect } from 'node:net';
import { Addp, encodeAddp, encodeInit } from '../../src/wire/index.js';
import { corrupted } from '../wire/corrupt.js';
import { bytes, u32 } from '../wire/hex.js';
import type { Random } from '../wire/random.js';
import { bytesOf } from '../wire/streams.js';
import { vectors } from '../wire/vectors.js';

/** What a client that means no good, or does not know better, does on one connection. */
export interface Attack {
  readonly kind: string;
  /** One write each, in turns of the event loop of their own. */
  readonly chunks: readonly Buffer[];
  /** How it takes its leave: in order, all of a sudden, or not at all, so that the server must. */
  readonly leaves: 'in order' | 'suddenly' | 'never';
}

const anyBytes = (random: Random, length: number): Buffer =>
  Buffer.from(Array.from({ length }, () => random.below(256)));

/** The bytes in up to `most` pieces, cut anywhere. */
function pieces(stream: Buffer, random: Random, most: number): Buffer[] {
  const cuts = Array.from({ length: random.below(most) }, () => random.below(stream.length + 1)).sort((a, b) => a - b);
  return [0, ...cuts].map((from, index) => stream.subarray(from, cuts[index] ?? stream.length));
}

const MARKER = Buffer.concat([u32(28), Buffer.from('$PACKET EXTENSION V1.00$', 'latin1')]);

const short = vectors.map(bytesOf).filter((message) => message.length < 2500);

const STREAMS: Readonly<Record<string, (random: Random) => Buffer>> = {
  'random bytes': (random) => anyBytes(random, 1 + random.below(3000)),
  'corrupted messages': (random) => Buffer.concat(Array.from({ length: 1 + random.below(5) }, () => corrupted(random))),
  'frames of random bytes': (random) => {
    const body = anyBytes(random, 5 + random.below(500));
    body.writeUInt32BE(500, 1);
    return Buffer.concat([u32(body.length), body]);
  },
  'packet extensions': (random) => {
    const total = random.of([5, 28, 16_380, 16_381, 70_000, 1 << 24, 0xffffffff]);
    const fragment = anyBytes(random, 1 + random.below(1000));
    return Buffer.concat([MARKER, u32(total), u32(random.of([fragment.length, 0, 16_381])), fragment]);
  },
  ADDP: (random) => {
    const letter = random.of([...Object.values(Addp), random.below(256)]);
    return Buffer.concat([
      encodeInit(random.of([0, 1, 30, 8_388_607]), true),
      encodeAddp(letter, random.below(1 << 24)),
    ]);
  },
  'other protocols': (random) =>
    random.of([bytes('16030100f8010000f40303'), Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), Buffer.from('\r\n')]),
  'many messages': (random) => Buffer.concat(Array.from({ length: 200 }, () => random.of(short))),
};

/** A connection's worth of trouble. */
export function attack(random: Random): Attack {
  if (random.below(10) === 0) return slow(random);
  const [kind, stream] = random.of(Object.entries(STREAMS));
  return { kind, chunks: pieces(stream(random), random, 6), leaves: random.of(['in order', 'suddenly'] as const) };
}

/** A valid message that arrives byte by byte, or stops before its end. */
function slow(random: Random): Attack {
  const message = random.of(short);
  const stream = message.subarray(0, Math.min(80, message.length - 1));
  const chunks = Array.from(stream, (byte) => Buffer.of(byte));
  return { kind: 'slow bytes', chunks, leaves: random.of(['never', 'suddenly'] as const) };
}

/** Runs until the connection ends. @returns the number of sent bytes */
export async function carryOut({ chunks, leaves }: Attack, port: number): Promise<number> {
  const socket = connect(port, '127.0.0.1').setNoDelay(true);
  let sent = 0;
  socket.on('error', () => undefined);
  const over = new Promise((resolve) => socket.once('close', resolve));
  await Promise.race([once(socket, 'connect').catch(() => undefined), over]);
  for (const chunk of chunks) {
    if (!socket.writable) break;
    socket.write(chunk);
    sent += chunk.length;
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (leaves !== 'suddenly') socket.resume();
  if (leaves === 'in order') socket.end();
  if (leaves === 'suddenly') socket.destroy();
  await over;
  return sent;
}
