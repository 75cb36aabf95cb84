import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { charset, decodeBody, FRAME_MAX } from '../../src/wire/index.js';
import { bytes, u32 } from './hex.js';
import { MESSAGE_BYTES, Received } from './reading.js';

/** Memory follows the bytes that have come, never what a length or a count claims. */

const utf8 = charset('utf-8');
const MARKER = Buffer.concat([bytes('0000001c'), Buffer.from('$PACKET EXTENSION V1.00$', 'latin1')]);

/** Sizes of the buffers that were asked for while a test ran. */
function watchBuffers(): number[] {
  const sizes: number[] = [];
  const { alloc, allocUnsafe } = Buffer;
  jest.spyOn(Buffer, 'alloc').mockImplementation((size) => {
    sizes.push(size);
    return alloc(size);
  });
  jest.spyOn(Buffer, 'allocUnsafe').mockImplementation((size) => {
    sizes.push(size);
    return allocUnsafe(size);
  });
  return sizes;
}

afterEach(() => {
  jest.restoreAllMocks();
});

describe('the reader', () => {
  it('holds little of a packet extension that claims 16 MiB and sends a few bytes', () => {
    const { reader } = new Received();
    const stream = Buffer.concat([MARKER, u32(MESSAGE_BYTES), u32(FRAME_MAX), bytes('0102030405')]);
    const sizes = watchBuffers();
    reader.push(stream);
    expect(reader.unfinished).toBe(true);
    expect(sizes.length).toBeGreaterThan(0);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(2 * FRAME_MAX);
  });

  it('holds at most twice the received bytes, and never more than the message', () => {
    const { reader, units } = new Received();
    const total = 20 * FRAME_MAX;
    const fragment = Buffer.concat([u32(FRAME_MAX), Buffer.alloc(FRAME_MAX)]);
    reader.push(Buffer.concat([MARKER, u32(total)]));
    const sizes = watchBuffers();
    for (let arrived = FRAME_MAX; arrived < total; arrived += FRAME_MAX) {
      reader.push(fragment);
      expect(Math.max(0, ...sizes)).toBeLessThanOrEqual(Math.min(total, Math.max(2 * arrived, 2 * FRAME_MAX)));
    }
    expect(units).toEqual([]);
    reader.push(fragment);
    expect(units).toHaveLength(1);
    expect(sizes.length).toBeLessThan(8);
  });

  it('holds at most one incomplete frame', () => {
    const { reader } = new Received();
    const sizes = watchBuffers();
    for (const byte of bytes('00003ffc01')) reader.push(Buffer.of(byte));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(4 + FRAME_MAX);
  });

  it('refuses a packet extension over limits.messageBytes before any of it has come', () => {
    const { reader } = new Received(1000);
    reader.push(Buffer.concat([bytes('7032 50 000000'), MARKER]));
    const sizes = watchBuffers();
    expect(() => reader.push(u32(1001))).toThrow(
      'packet extension of 1001 bytes exceeds limits.messageBytes of 1000 bytes, at byte 6 of the stream',
    );
    expect(Math.max(0, ...sizes)).toBeLessThanOrEqual(100);
    const allowed = new Received(1000);
    allowed.reader.push(Buffer.concat([MARKER, u32(1000)]));
    expect(allowed.reader.unfinished).toBe(true);
  });
});

describe('the decoder', () => {
  const refuses = (hex: string, text: string): void => {
    const body = bytes(hex);
    const sizes = watchBuffers();
    expect(() => decodeBody(body, 0, body.length, utf8)).toThrow(text);
    expect(sizes).toEqual([]);
  };

  it('believes a count only up to the bytes there are', () => {
    refuses(
      '01 000001f4 00000001 62 0004 ffff',
      'list of 65535 entries does not fit in 0 bytes, at byte 14 of the message',
    );
    const entries = '00'.repeat(65532);
    refuses(
      `01 000001f4 00000001 42 00010000 ffffffff ${entries}`,
      'list of 4294967295 entries does not fit in 65532 bytes',
    );
    refuses(
      `01 000001f4 00000001 42 00010000 00003333 ${entries}`,
      'list of 13107 entries does not fit in 65532 bytes',
    );
  });

  it('believes a length only up to the bytes there are', () => {
    refuses('01 000001f4 00000001 42 ffffffff ffff', 'long list of 4294967295 bytes does not fit in 2 bytes');
    refuses(
      '01 000001f4 00000001 42 0000000b 0001 82 0000 ffffffff 0000',
      'value of 4294967295 bytes does not fit in 2 bytes',
    );
    refuses(
      '01 000001f4 00000001 42 0000000b 0001 83 0000 ffffffff 0000',
      'long list of 4294967295 bytes does not fit in 2 bytes',
    );
  });

  it('counts the entries of all the lists of a message together', () => {
    const limits = { listDepth: 128, listEntries: 5 };
    const three = '62 0013 0003 00 0000 0000 00 0000 0000 00 0000 0000';
    const body = bytes(`02 000001f4 00000002 ${three} 00000001 ${three}`);
    expect(() => decodeBody(body, 0, body.length, utf8, limits)).toThrow(
      'more than 5 entries in the lists of a message (limits.listEntries), at byte 38 of the message',
    );
    expect(decodeBody(body, 0, body.length, utf8, { ...limits, listEntries: 6 }).request?.length).toBe(3);
  });

  it('stops at 100000 entries and at 128 nested lists by default', () => {
    const wide = (count: number): Buffer =>
      Buffer.concat([bytes('01 000001f4 00000001 42'), u32(4 + 5 * count), u32(count), Buffer.alloc(5 * count)]);
    const decode = (body: Buffer): unknown => decodeBody(body, 0, body.length, utf8);
    expect(() => decode(wide(100_000))).not.toThrow();
    expect(() => decode(wide(100_001))).toThrow(
      'more than 100000 entries in the lists of a message (limits.listEntries), at byte 18 of the message',
    );
    expect(() => decode(nested(128))).not.toThrow();
    expect(() => decode(nested(129))).toThrow(
      `lists nest more than 128 deep (limits.listDepth), at byte ${14 + 128 * 9} of the message`,
    );
  });
});

/** A message whose Request holds so many short lists in one another, written from the inside out. */
function nested(depth: number): Buffer {
  let list = bytes('0004 0000');
  for (let level = 1; level < depth; level++) {
    const length = list.length.toString(16).padStart(4, '0');
    const whole = (list.length + 9).toString(16).padStart(4, '0');
    list = Buffer.concat([bytes(`${whole} 0001 03 0000 ${length}`), list]);
  }
  return Buffer.concat([bytes('01 000001f4 00000001 62'), list]);
}
