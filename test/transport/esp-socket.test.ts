import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { EspSocket, type EspSocketEvents } from '../../src/transport/index.js';
import { type ByteWriter, charset, encodeMessage, frame, WireError } from '../../src/wire/index.js';
import { until } from '../support/eventually.js';
import { request } from '../support/raw-client.js';
import { closeSockets, read, socketPair, turn } from './sockets.js';

/** What is written arrives as it was written, however slowly the peer reads: buffers serve again for other bytes. */

const LIMITS = { messageBytes: 1 << 20, frameMs: 60_000 };

afterEach(closeSockets);

/** An ESP socket and its peer. */
async function pair(
  tls: boolean,
  body: EspSocketEvents['body'] = () => undefined,
): Promise<{ near: EspSocket; far: Socket }> {
  const { near, far } = await socketPair(tls);
  return { near: new EspSocket(near, LIMITS, { body, closed: () => undefined }), far };
}

/** A frame whose bytes identify it. */
const marked = (line: number, index: number, length: number): Buffer => {
  const body = Buffer.alloc(length, index & 0xff);
  body.writeUInt32BE(line);
  body.writeUInt32BE(index, 4);
  return frame(body);
};

describe.each([
  ['plain', false],
  ['TLS', true],
])('over %s connections', (_name, tls) => {
  it('to peers that read only after everything is written', async () => {
    const lines = await Promise.all([pair(tls), pair(tls), pair(tls)]);
    const written = lines.map((): Buffer[] => []);
    const backlogged = (): boolean => lines.every(({ near }) => near.backlog > 200_000);
    for (let round = 0; round < 10_000 && !backlogged(); round++) {
      for (const [line, { near }] of lines.entries()) {
        for (let more = 0; more < 1 + (round % 5); more++) {
          const bytes = marked(line, round, 8 + ((round * 977) % 16_000));
          near.write(bytes);
          written[line]?.push(bytes);
        }
      }
      await turn();
    }
    expect(backlogged()).toBe(true);
    for (const [line, { far }] of lines.entries()) {
      const expected = Buffer.concat(written[line] ?? []);
      expect((await read(far, expected.length)).equals(expected)).toBe(true);
    }
  });

  it('leaves others their turn while its peer floods it', async () => {
    let received = 0;
    let gaveWay = false;
    const all = Promise.withResolvers<void>();
    const { near, far } = await pair(tls, () => {
      received++;
      queueMicrotask(() => {
        gaveWay ||= near.socket.isPaused();
      });
      if (received === 1000) all.resolve();
    });
    far.write(Buffer.concat(Array.from({ length: 1000 }, (_, index) => marked(0, index, 8))));
    await all.promise;
    expect(gaveWay).toBe(true);
  });

  it('reads others between two large, slow messages of its peer', async () => {
    let turns = 0;
    const turnsBefore: number[] = [];
    const all = Promise.withResolvers<void>();
    const { far } = await pair(tls, () => {
      turnsBefore.push(turns);
      setImmediate(() => turns++);
      for (const end = performance.now() + 6; performance.now() < end; );
      if (turnsBefore.length === 3) all.resolve();
    });
    const message = encodeMessage(request(1, 'Test', 'Echo', { Say: 'x'.repeat(300_000) }), charset());
    far.write(Buffer.concat([message, message, message]));
    await all.promise;
    expect(turnsBefore).toEqual([0, 1, 2]);
  });

  it('counts sent bytes', async () => {
    const { near, far } = await pair(tls);
    near.writeMessage(marked(1, 1, 100));
    near.write(marked(1, 2, 50));
    expect((await read(far, 158)).length).toBe(158);
    expect(near.counts).toEqual({ bytesIn: 0, bytesOut: 158, messagesIn: 0, messagesOut: 1 });
  });
});

it('a message that cannot be encoded does not affect those before and after it', async () => {
  const { near, far } = await pair(false);
  const fails = {
    write: () => {
      throw new Error('no');
    },
  };
  expect(() => near.writeWith(fails, 1)).toThrow('no');
  await turn();
  near.write(marked(1, 1, 10));
  expect(() => near.writeWith(fails, 1)).toThrow('no');
  near.write(marked(1, 2, 10));
  expect(await read(far, 28)).toEqual(Buffer.concat([marked(1, 1, 10), marked(1, 2, 10)]));
  expect(near.counts.messagesOut).toBe(0);
});

/** An ESP socket, what it tells, and its peer, which stays open when the socket ends. */
async function toldBy(frameMs = LIMITS.frameMs, events: Partial<EspSocketEvents> = {}, tls = false) {
  const { near: socket, far } = await socketPair(tls);
  const noDelay = jest.spyOn(socket, 'setNoDelay');
  const writes = jest.spyOn(socket, 'write');
  const bodies: number[] = [];
  const stalled: number[] = [];
  const { promise: closed, resolve } = Promise.withResolvers<Error | undefined>();
  const near = new EspSocket(
    socket,
    { ...LIMITS, frameMs },
    {
      body: (bytes, start) => bodies.push(bytes.readUInt32BE(start + 4)),
      closed: resolve,
      stalled: (bytes) => stalled.push(bytes),
      ...events,
    },
  );
  return { near, far, bodies, stalled, closed, noDelay, writes };
}

describe('the end of a connection', () => {
  it('has the first problem as its reason, whatever follows', async () => {
    const { near, far, closed } = await toldBy();
    far.write('this is no ESP');
    far.resume();
    await once(far, 'end');
    far.resetAndDestroy();
    expect(await closed).toBeInstanceOf(WireError);
    expect(near.over).toBe(true);
  });

  it('is a problem after a reset, but not after a normal end by the peer', async () => {
    const [reset, ended] = [await toldBy(), await toldBy()];
    reset.far.resetAndDestroy();
    expect(await reset.closed).toMatchObject({ code: 'ECONNRESET' });
    ended.far.end();
    expect(await ended.closed).toBeUndefined();
  });

  it('does not wait for a peer that leaves its side open for longer than frameMs', async () => {
    const { near, closed } = await toldBy(50);
    near.end();
    expect(await closed).toBeUndefined();
  });

  it.each<[string, (near: EspSocket) => void]>([
    ['failed', (near) => near.fail(new Error('enough'))],
    ['ended', (near) => near.end()],
  ])('leaves unread the messages behind the one by which it %s', async (_name, over) => {
    const bodies: number[] = [];
    const { near, far, closed } = await toldBy(50, {
      body: (bytes, start) => {
        bodies.push(bytes.readUInt32BE(start + 4));
        over(near);
      },
    });
    far.write(Buffer.concat([marked(1, 1, 10), marked(1, 2, 10)]));
    await closed;
    expect({ bodies, messagesIn: near.counts.messagesIn }).toEqual({ bodies: [1], messagesIn: 1 });
  });

  it('leaves no timer', async () => {
    jest.useFakeTimers({
      doNotFake: ['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate'],
    });
    try {
      const { near, far, bodies, closed } = await toldBy();
      near.addp.init(1000, 1000);
      far.write(marked(1, 1, 10).subarray(0, 6));
      await until(() => near.unfinished);
      expect(jest.getTimerCount()).toBeGreaterThan(0);
      near.end();
      near.end();
      far.resume().end();
      expect(await closed).toBeUndefined();
      expect([jest.getTimerCount(), bodies]).toEqual([0, []]);
    } finally {
      jest.useRealTimers();
    }
  });

  it('ignores bytes that arrive after it', async () => {
    const { near, far, closed } = await toldBy();
    near.end();
    far.end('this is no ESP');
    far.resume();
    expect(await closed).toBeUndefined();
    expect(near.counts.bytesIn).toBe(0);
  });

  it('leaves bytes unread that it held back to yield to others', async () => {
    const { near, far, closed } = await toldBy(60_000, {
      body: () => {
        for (const end = performance.now() + 6; performance.now() < end; );
        near.end();
      },
    });
    const message = encodeMessage(request(1, 'Test', 'Echo', { Say: 'x'.repeat(300_000) }), charset());
    far.end(Buffer.concat([message, Buffer.from('this is no ESP')]));
    far.resume();
    expect(await closed).toBeUndefined();
  });

  it('inside a message is a problem', async () => {
    const { far, closed } = await toldBy();
    far.end(marked(1, 1, 10).subarray(0, 8));
    far.resume();
    expect(await closed).toMatchObject({ code: 'ESP_WIRE_FRAME_TRUNCATED', place: 'stream' });
  });

  it('follows if its peer reads nothing for frameMs', async () => {
    const { near, far, closed } = await toldBy(20);
    far.pause();
    near.write(Buffer.alloc(8_000_000));
    expect(await closed).toMatchObject({ reason: 'read_timeout', code: 'ESP_CONNECTION_READ_TIMEOUT' });
  });

  it('accepts no more writes', async () => {
    const { near, far } = await toldBy();
    near.write(marked(1, 1, 10));
    near.end();
    near.write(marked(1, 2, 10));
    near.writeWith({ write: (out, bytes: Buffer) => out.append(bytes) }, marked(1, 3, 10));
    expect(Buffer.concat(await far.toArray())).toEqual(marked(1, 1, 10));
    expect(near.counts.messagesOut).toBe(0);
  });

  it('is described by its error, with at most the first 32 bytes if they were malformed', async () => {
    const { near, far, closed } = await toldBy();
    const text = 'this is no ESP, and goes on for more than it shows';
    far.write(text.slice(0, 2));
    await until(() => near.counts.bytesIn === 2);
    far.write(text.slice(2));
    const problem = (await once(far.resume(), 'end').then(() => far.end() && closed)) as Error;
    const first = Buffer.from(text.slice(0, 32)).toString('hex');
    expect(near.describe(problem)).toBe(`${problem.message}; first bytes ${first}`);
    expect(near.describe(new Error('enough'))).toBe('enough');
  });
});

describe('a connection', () => {
  it('has the address of its peer, unless it has disconnected', async () => {
    const { near, far } = await toldBy();
    expect([near.address, near.peer]).toEqual(['127.0.0.1', `127.0.0.1:${far.localPort}`]);
    const gone = (await socketPair(false)).near.destroy();
    const events = { body: () => undefined, closed: () => undefined };
    expect(new EspSocket(gone, LIMITS, events).peer).toBe('unknown:0');
  });

  it('sends at once, and counts received bytes', async () => {
    const { near, far, bodies, noDelay } = await toldBy();
    expect(noDelay).toHaveBeenCalledWith(true);
    far.write(Buffer.concat([marked(1, 1, 10), marked(1, 2, 20)]));
    await until(() => bodies.length === 2);
    expect(near.counts).toMatchObject({ bytesIn: 38, messagesIn: 2 });
  });

  it('reports the bytes of an incomplete message', async () => {
    const { near, far, stalled, bodies } = await toldBy();
    const bytes = marked(1, 7, 1000);
    expect(near.silent).toBe(true);
    far.write(bytes.subarray(0, 500));
    await until(() => stalled.length === 1);
    expect([stalled[0], near.unfinished, near.silent]).toEqual([expect.any(Number), true, true]);
    expect(stalled[0]).toBeGreaterThanOrEqual(496);
    far.write(bytes.subarray(500));
    await until(() => stalled.length === 2);
    expect([stalled[1], near.unfinished, near.silent, bodies]).toEqual([0, false, false, [7]]);
  });

  it('reports nothing while it holds nothing, however much it reads', async () => {
    const { far, stalled, bodies } = await toldBy();
    far.write(marked(1, 1, 100));
    await until(() => bodies.length === 1);
    far.write(Buffer.concat([marked(1, 2, 100), marked(1, 3, 100)]));
    await until(() => bodies.length === 3);
    expect(stalled).toEqual([]);
  });

  it('combines the writes of one turn, and sends nothing for a message that cannot be encoded', async () => {
    const { near, far, writes } = await toldBy();
    const append = { write: (out: ByteWriter, bytes: Buffer) => out.append(bytes) };
    near.writeWith(append, marked(1, 1, 10));
    near.writeWith(append, marked(1, 2, 10));
    expect(await read(far, 28)).toEqual(Buffer.concat([marked(1, 1, 10), marked(1, 2, 10)]));
    expect(writes).toHaveBeenCalledTimes(1);
    const fails = {
      write: () => {
        throw new Error('no');
      },
    };
    expect(() => near.writeWith(fails, 1)).toThrow('no');
    await turn();
    expect(writes).toHaveBeenCalledTimes(1);
  });

  it('has a timer while its peer has something to read', async () => {
    const { near, far } = await toldBy(60_000);
    expect(near.socket.timeout ?? 0).toBe(0);
    let written = 0;
    for (; !near.socket.writableNeedDrain; written++) {
      near.write(marked(1, written, 16_000));
      await turn();
    }
    expect(near.socket.timeout).toBe(60_000);
    await read(far, written * 16_004);
    await until(() => near.backlog === 0);
    await until(() => near.socket.timeout === 0);
  });

  it('holds nothing once the system has accepted its writes, and continues', async () => {
    const { near, far, stalled } = await toldBy(20, {}, true);
    near.write(marked(1, 1, 100));
    await until(() => stalled.length === 2);
    expect(stalled).toEqual([104, 0]);
    near.write(marked(1, 2, 100));
    expect(await read(far, 208)).toEqual(Buffer.concat([marked(1, 1, 100), marked(1, 2, 100)]));
    expect(near.over).toBe(false);
  });

  it('reads nothing while its peer does not read, then the rest', async () => {
    const reply = Buffer.alloc(2_000_000);
    const answered = (near: EspSocket): void => near.write(reply);
    const { near, far, bodies } = await toldBy(60_000, {
      body: (bytes, start) => {
        bodies.push(bytes.readUInt32BE(start + 4));
        answered(near);
      },
    });
    far.pause();
    for (let sent = 0; !near.socket.isPaused() && sent < 100; sent++) {
      far.write(marked(1, sent, 10));
      await until(() => bodies.length === sent + 1);
      await turn();
      await turn();
    }
    const before = bodies.length;
    expect(before).toBeLessThan(100);
    far.write(marked(1, before, 10));
    for (let turns = 0; turns < 10; turns++) await turn();
    expect(bodies).toHaveLength(before);
    far.resume();
    await until(() => bodies.length === before + 1);
  });

  it('that has stopped reading still writes', async () => {
    const { near, far, bodies } = await toldBy();
    near.stopReading();
    far.write(marked(1, 1, 10));
    near.write(marked(1, 2, 10));
    expect(await read(far, 14)).toEqual(marked(1, 2, 10));
    expect([bodies, near.counts.bytesIn]).toEqual([[], 0]);
  });

  it('applies new limits to the next message', async () => {
    const { near, far, bodies, closed } = await toldBy();
    far.write(marked(1, 1, 20_000));
    await until(() => bodies.length === 1);
    near.setLimits({ ...LIMITS, messageBytes: 16_380 });
    far.end(marked(1, 2, 20_000));
    expect(await closed).toBeInstanceOf(WireError);
    expect(bodies).toEqual([1]);
  });
});
