import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FrameReader } from '../../src/wire/index.js';
import { bytes, u32 } from './hex.js';
import { addpUnit, bodyUnit, read } from './reading.js';
import { bodyOf, bytesOf, captured, fragments, isExtension, MARKER_FRAME } from './streams.js';
import { vectors } from './vectors.js';

/** The same stream cut in different ways gives the same bodies and ADDP frames, in the same order. */

interface Stream {
  readonly bytes: Buffer;
  readonly units: string[];
}

const message = (framed: Buffer): Stream => ({ bytes: framed, units: [bodyUnit(bodyOf(framed))] });

const LETTERS = ['I', 'i', 'P', 'p'] as const;
const addp = (letter: (typeof LETTERS)[number], value: number): Stream => ({
  bytes: Buffer.concat([Buffer.from(`p2${letter}`, 'latin1'), u32(value).subarray(1)]),
  units: [addpUnit(letter, value)],
});

const join = (...parts: Stream[]): Stream => ({
  bytes: Buffer.concat(parts.map((part) => part.bytes)),
  units: parts.flatMap((part) => part.units),
});

/** A packet extension with these ADDP frames behind its marker frame and behind each fragment but the last. */
function interrupted(framed: Buffer, frames: readonly Stream[]): Stream {
  const places = fragments(framed);
  const pieces = [framed.subarray(0, MARKER_FRAME)];
  const units: string[] = [];
  places.forEach(({ at, length }, index) => {
    const between = frames[index];
    if (between !== undefined) {
      pieces.push(between.bytes);
      units.push(...between.units);
    }
    pieces.push(framed.subarray(at, at + 4 + length));
  });
  return { bytes: Buffer.concat(pieces), units: [...units, bodyUnit(bodyOf(framed))] };
}

/** A packet extension as no writer needs to make it, but any reader must take: a small body in small fragments. */
function smallExtension(body: Buffer, sizes: number[]): Buffer {
  const parts: Buffer[] = [];
  let from = 0;
  for (const size of sizes) {
    parts.push(u32(size), body.subarray(from, from + size));
    from += size;
  }
  return Buffer.concat([bytes('0000001c'), Buffer.from('$PACKET EXTENSION V1.00$'), u32(body.length), ...parts]);
}

function cut(stream: Buffer, places: number[]): Buffer[] {
  const ends = [...places.filter((place) => place <= stream.length).sort((a, b) => a - b), stream.length];
  return ends.map((end, index) => stream.subarray(index === 0 ? 0 : ends[index - 1], end));
}

const validateContact = bytesOf(captured('validate-contact/request'));
const noRequest = bytesOf(captured('no-request/request'));

/** Every kind of unit in under 200 bytes. */
const everyKind = join(
  addp('I', 0x803a98),
  message(noRequest),
  interrupted(smallExtension(noRequest.subarray(4), [1, 8, 5]), [addp('P', 0), addp('p', 0xffffff), addp('P', 1)]),
  addp('p', 0x703270),
  message(bytesOf(captured('userdata/response'))),
);

describe('a stream of every kind of unit', () => {
  it('whole', () => expect(read(everyKind.bytes)).toEqual(everyKind.units));

  it('byte by byte', () => {
    expect(read(...Array.from(everyKind.bytes, (byte) => Buffer.of(byte)))).toEqual(everyKind.units);
  });

  it('cut in two or three at every place', () => {
    const { length } = everyKind.bytes;
    for (let first = 0; first <= length; first++) {
      for (let second = first; second <= length; second++) {
        expect(read(...cut(everyKind.bytes, [first, second]))).toEqual(everyKind.units);
      }
    }
  });

  it('with empty chunks in between', () => {
    const chunks = cut(everyKind.bytes, [3, 3, 20, 20, 20, 60, 60]);
    expect(chunks.filter((chunk) => chunk.length === 0)).toHaveLength(4);
    expect(read(...chunks)).toEqual(everyKind.units);
  });
});

describe('captured messages', () => {
  it('one behind the other, in one chunk and byte by byte', () => {
    const short = join(
      ...vectors
        .map(bytesOf)
        .filter((framed) => framed.length < 1500)
        .map(message),
    );
    expect(read(short.bytes)).toEqual(short.units);
    expect(read(...Array.from(short.bytes, (byte) => Buffer.of(byte)))).toEqual(short.units);
  });

  it('in packet extensions, byte by byte, with ADDP between the fragments', () => {
    for (const name of ['string-16352/request', 'long-nested-list/request']) {
      const framed = bytesOf(captured(name));
      const frames = fragments(framed).map((_fragment, index) => addp('P', index));
      const stream = interrupted(framed, frames);
      expect(frames.length).toBeGreaterThan(1);
      expect(read(...Array.from(stream.bytes, (byte) => Buffer.of(byte)))).toEqual(stream.units);
    }
  });
});

describe('random streams', () => {
  const anyAddp = fc
    .tuple(fc.constantFrom(...LETTERS), fc.integer({ min: 0, max: 0xffffff }))
    .map(([l, v]) => addp(l, v));
  const anyCaptured = fc
    .tuple(fc.constantFrom(...vectors), fc.array(anyAddp, { maxLength: 6 }))
    .map(([vector, frames]) => {
      const framed = bytesOf(vector);
      return isExtension(framed) ? interrupted(framed, frames) : message(framed);
    });
  const anyStream = fc
    .array(fc.oneof(anyCaptured, anyAddp, fc.constant(message(validateContact))), { minLength: 1, maxLength: 12 })
    .map((parts) => join(...parts));

  it('cut anywhere', () => {
    fc.assert(
      fc.property(anyStream, fc.array(fc.nat(), { maxLength: 40 }), fc.nat(), (stream, places, around) => {
        const { length } = stream.bytes;
        const near = Array.from({ length: 12 }, (_, index) => (around % length) + index);
        const chunks = cut(stream.bytes, [...places.map((place) => place % length), ...near]);
        expect(read(...chunks)).toEqual(stream.units);
      }),
      { numRuns: 300 },
    );
  });
});

it('returns bodies that do not change while it reads on', () => {
  const stream = join(message(validateContact), everyKind, message(noRequest));
  for (const size of [1, 7, 40, 1000]) {
    const bodies: Buffer[] = [];
    const reader = new FrameReader(
      { body: (kept, start, end) => bodies.push(kept.subarray(start, end)), addp() {} },
      100,
    );
    for (let at = 0; at < stream.bytes.length; at += size) reader.push(stream.bytes.subarray(at, at + size));
    expect(bodies.map(bodyUnit)).toEqual(stream.units.filter((unit) => unit.startsWith('body')));
  }
});
