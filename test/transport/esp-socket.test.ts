import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
import { EspSocket } from '../../src/transport/index.js';
import { frame } from '../../src/wire/index.js';
import { certificates } from '../support/tls.js';

/** What is written arrives as it was written, however slowly the peer reads: buffers serve again for other bytes. */

const LIMITS = { messageBytes: 1 << 20, frameMs: 60_000 };

const opened: { destroy(): void }[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) one.destroy();
});

/** Both ends of a connection. */
async function pair(tls: boolean, body = (): void => undefined): Promise<{ near: EspSocket; far: Socket }> {
  const { server: pem } = await certificates();
  const server = tls ? createTlsServer({ cert: pem.certificate, key: pem.key }) : createServer();
  const accepted = once(server, tls ? 'secureConnection' : 'connection') as Promise<[Socket]>;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const far = tls ? connectTls({ port, host: '127.0.0.1', ca: pem.certificate }) : connect(port, '127.0.0.1');
  const [socket] = await accepted;
  opened.push(far, socket, { destroy: () => server.close() });
  const near = new EspSocket(socket, LIMITS, { body, closed: () => undefined });
  return { near, far };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A frame whose bytes say where it belongs. */
const marked = (line: number, index: number, length: number): Buffer => {
  const body = Buffer.alloc(length, index & 0xff);
  body.writeUInt32BE(line);
  body.writeUInt32BE(index, 4);
  return frame(body);
};

async function read(far: Socket, length: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let came = 0;
  for await (const chunk of far as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    came += chunk.length;
    if (came >= length) break;
  }
  return Buffer.concat(chunks);
}

describe.each([
  ['plain', false],
  ['TLS', true],
])('over %s connections', (_name, tls) => {
  it('to peers that read only when all has been written', async () => {
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
    let came = 0;
    let gaveWay = false;
    const all = Promise.withResolvers<void>();
    const { near, far } = await pair(tls, () => {
      came++;
      queueMicrotask(() => {
        gaveWay ||= near.socket.isPaused();
      });
      if (came === 1000) all.resolve();
    });
    far.write(Buffer.concat(Array.from({ length: 1000 }, (_, index) => marked(0, index, 8))));
    await all.promise;
    expect(gaveWay).toBe(true);
  });

  it('counts what went out', async () => {
    const { near, far } = await pair(tls);
    near.writeMessage(marked(1, 1, 100));
    near.write(marked(1, 2, 50));
    expect((await read(far, 158)).length).toBe(158);
    expect(near.counts).toEqual({ bytesIn: 0, bytesOut: 158, messagesIn: 0, messagesOut: 1 });
  });
});

it('a message that cannot be written leaves those before and behind it', async () => {
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
