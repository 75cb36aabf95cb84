import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { SocketWriter } from '../../src/transport/socket-writer.js';
import type { ByteWriter } from '../../src/wire/index.js';
import { until } from '../support/eventually.js';
import { closeSockets, read, socketPair, turn } from './sockets.js';

afterEach(closeSockets);

/** A writer, what it tells, and what it does to its socket. */
async function setting(tls = false) {
  const { near, far } = await socketPair(tls);
  const told: { full: boolean[]; unread: number[] } = { full: [], unread: [] };
  const writer: SocketWriter = new SocketWriter(near, 60_000, {
    full: (full) => told.full.push(full),
    unread: () => told.unread.push(writer.unread),
    timeout: () => undefined,
  });
  const writes = jest.spyOn(near, 'write');
  return { near, far, told, writer, writes, timers: jest.spyOn(near, 'setTimeout') };
}

/** Whether the last write was of the buffer's own bytes, and not of a copy. */
function wasLent({ bytes }: ByteWriter, writes: { mock: { calls: unknown[][] } }): boolean {
  const [written] = writes.mock.calls.at(-1) as [Buffer];
  return written.buffer === bytes.buffer && written.byteOffset === bytes.byteOffset;
}

const TEXT = Buffer.from('some text');

describe('a buffer', () => {
  it('is sent at the end of its turn', async () => {
    const { writer, far, writes } = await setting();
    writer.buffer(false).append(TEXT);
    expect(writer.buffer(false).length).toBe(TEXT.length);
    expect(writes).not.toHaveBeenCalled();
    expect(await read(far, TEXT.length)).toEqual(TEXT);
    expect(writer.bytesOut).toBe(TEXT.length);
  });

  it('is left to a caller that will flush', async () => {
    const { writer, writes } = await setting();
    writer.buffer(true).append(TEXT);
    await turn();
    expect(writes).not.toHaveBeenCalled();
    writer.flush();
    expect(writes).toHaveBeenCalledTimes(1);
  });

  it('is not copied for a plain socket, and is used again', async () => {
    const { writer, writes } = await setting();
    const buffer = writer.buffer(true);
    buffer.append(TEXT);
    writer.flush();
    expect(wasLent(buffer, writes)).toBe(true);
    expect(writer.buffer(true)).toBe(buffer);
    expect(buffer.length).toBe(0);
  });

  it('is copied for a TLS socket, and is reused at once', async () => {
    const { writer, writes } = await setting(true);
    const buffer = writer.buffer(true);
    buffer.append(TEXT);
    writer.flush();
    expect(wasLent(buffer, writes)).toBe(false);
    expect(writer.buffer(true)).toBe(buffer);
  });

  it('is not sent without bytes, but used again', async () => {
    const { writer, writes } = await setting();
    const buffer = writer.buffer(true);
    writer.flush();
    expect(writes).not.toHaveBeenCalled();
    expect(writer.buffer(true)).toBe(buffer);
  });

  it.each([
    [65_536, true],
    [65_537, false],
  ])('of %d bytes is used again: %p', async (capacity, again) => {
    const { writer } = await setting();
    const buffer = writer.buffer(true);
    buffer.bytes = Buffer.alloc(capacity);
    writer.flush();
    expect(writer.buffer(true) === buffer).toBe(again);
  });

  it('is one of at most 16 that are kept', async () => {
    const { near } = await setting();
    near.setMaxListeners(0);
    const ignore = { full: () => undefined, unread: () => undefined, timeout: () => undefined };
    const writers = Array.from({ length: 20 }, () => new SocketWriter(near, 1000, ignore));
    const buffers = new Set(writers.map((writer) => writer.buffer(true)));
    for (const writer of writers) writer.flush();
    expect(writers.filter((writer) => buffers.has(writer.buffer(true)))).toHaveLength(16);
    expect(buffers.size).toBe(20);
  });
});

describe('a peer', () => {
  async function fill(writer: SocketWriter, near: Socket): Promise<number> {
    let written = 0;
    while (!near.writableNeedDrain) {
      writer.buffer(false).append(Buffer.alloc(60_000));
      written += 60_000;
      await turn();
    }
    return written;
  }

  it('that does not read is reported once, and once more when it has caught up', async () => {
    const { writer, near, far, told, timers, writes } = await setting();
    const before = await fill(writer, near);
    expect([writer.full, told.full, told.unread.at(-1)]).toEqual([true, [true], near.writableLength]);
    const buffer = writer.buffer(true);
    buffer.append(TEXT);
    writer.flush();
    expect(wasLent(buffer, writes)).toBe(false);
    expect(told.unread.at(-1)).toBe(near.writableLength);
    await read(far, before + TEXT.length);
    await until(() => !writer.full);
    expect(told).toEqual({ full: [true, false], unread: expect.any(Array) });
    expect(told.unread.at(-1)).toBe(0);
    expect(timers.mock.calls).toEqual([[60_000], [0]]);
  });

  it('that reads at once is not reported', async () => {
    const { writer, far, told } = await setting();
    for (let more = 0; more < 3; more++) {
      writer.buffer(false).append(TEXT);
      expect(await once(far, 'data')).toEqual([TEXT]);
    }
    expect(told).toEqual({ full: [], unread: [] });
  });
});
