import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FrameCutter } from '../../src/wire/frame-cutter.js';
import { encodeAddp } from '../../src/wire/index.js';
import { bodyOf, bytesOf, fragments, isExtension, MARKER_FRAME } from './streams.js';
import { vectors } from './vectors.js';

const MAX = 16_777_216;
const POLL = encodeAddp(0x50, 7);
const all = vectors.map(bytesOf);
const short = all.find((message) => !isExtension(message)) as Buffer;
const extended = all.find(isExtension) as Buffer;

/** A packet extension with an ADDP frame behind its marker frame. */
const interrupted = Buffer.concat([extended.subarray(0, MARKER_FRAME), POLL, extended.subarray(MARKER_FRAME)]);

function cutAll(
  stream: Buffer,
  places: readonly number[],
): { cutter: FrameCutter; frames: ReturnType<FrameCutter['push']> } {
  const cutter = new FrameCutter(MAX);
  const ends = [...new Set(places)].sort((a, b) => a - b).filter((place) => place > 0 && place < stream.length);
  let from = 0;
  const frames = [...ends, stream.length].flatMap((end) => {
    const found = cutter.push(stream.subarray(from, end));
    from = end;
    return found;
  });
  return { cutter, frames };
}

describe('a stream', () => {
  const stream = Buffer.concat([short, POLL, interrupted, short]);

  it('is cut into the same frames, however its bytes arrive', () => {
    const whole = cutAll(stream, []).frames;
    expect(whole.map(({ kind, start, end, inside }) => [kind, start, end, inside])).toEqual([
      ['message', 0, short.length, false],
      ['addp', short.length, short.length + POLL.length, false],
      ['addp', short.length + POLL.length + MARKER_FRAME, short.length + 2 * POLL.length + MARKER_FRAME, true],
      ['message', short.length + POLL.length, stream.length - short.length, false],
      ['message', stream.length - short.length, stream.length, false],
    ]);
    for (const { bytes, start, end } of whole) expect(bytes).toEqual(stream.subarray(start, end));
    expect(whole.map(({ body }) => body.length)).toEqual([
      short.length - 4,
      0,
      0,
      bodyOf(extended).length,
      short.length - 4,
    ]);
    const property = fc.property(
      fc.array(fc.integer({ min: 1, max: stream.length - 1 }), { maxLength: 8 }),
      (places) => {
        const { cutter, frames } = cutAll(stream, places);
        expect(frames).toEqual(whole);
        expect([cutter.received, cutter.cut, cutter.rest().length]).toEqual([stream.length, stream.length, 0]);
      },
    );
    fc.assert(property, { numRuns: 60 });
  });

  it('keeps the bytes of an incomplete frame', () => {
    const cutter = new FrameCutter(MAX);
    const part = short.subarray(0, short.length - 3);
    expect(cutter.push(Buffer.concat([short, part])).map(({ end }) => end)).toEqual([short.length]);
    expect([cutter.received, cutter.cut]).toEqual([short.length + part.length, short.length]);
    expect(cutter.rest()).toEqual(part);
    expect(cutter.push(short.subarray(short.length - 3)).map(({ bytes }) => bytes)).toEqual([short]);
    expect(cutter.rest()).toHaveLength(0);
  });

  it('that breaks the format yields what came before, and nothing more', () => {
    const cutter = new FrameCutter(MAX);
    expect(cutter.push(Buffer.concat([short, Buffer.from('GET / HTTP/1.1\r\n')]))).toHaveLength(1);
    expect(cutter.broken).toBeDefined();
    const { broken } = cutter;
    expect(cutter.push(short)).toEqual([]);
    expect(cutter.broken).toBe(broken);
    expect(cutter.received).toBe(2 * short.length + 16);
  });

  it('that ends inside a frame breaks the format', () => {
    const whole = new FrameCutter(MAX);
    whole.push(short);
    whole.end();
    expect(whole.broken).toBeUndefined();
    const partly = new FrameCutter(MAX);
    partly.push(short.subarray(0, 5));
    partly.end();
    expect(partly.broken).toMatchObject({ code: 'ESP_WIRE_FRAME_TRUNCATED' });
  });

  it('that is not the stream of a Buffer is a mistake of the caller', () => {
    expect(() => new FrameCutter(MAX).push(new Uint8Array(8) as Buffer)).toThrow(TypeError);
  });

  it('copies its bytes', () => {
    const chunk = Buffer.from(short);
    const [frame] = new FrameCutter(MAX).push(chunk);
    chunk.fill(0);
    expect(frame?.bytes).toEqual(short);
    expect(frame?.body).toEqual(short.subarray(4));
  });

  it('has more than one fragment in its extension', () => expect(fragments(extended).length).toBeGreaterThan(1));
});
