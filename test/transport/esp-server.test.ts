import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  EspServer,
  type EspServerConnection,
  type EspServerOptions,
  type EspSocket,
} from '../../src/transport/index.js';
import { AddpMonitor, frame } from '../../src/wire/index.js';
import { until } from '../support/eventually.js';

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

interface Started {
  readonly server: EspServer;
  readonly sockets: EspSocket[];
  readonly logged: [level: string, text: string, peer: string][];
}

async function start(
  connection: (socket: EspSocket) => EspServerConnection,
  options: Partial<EspServerOptions> = {},
): Promise<Started> {
  const sockets: EspSocket[] = [];
  const logged: Started['logged'] = [];
  const server = await EspServer.start({
    ...{ host: '127.0.0.1', port: 0, connections: 10, messageBytes: 1000, frameMs: 10_000, ...options },
    connection: (socket) => {
      sockets.push(socket);
      return connection(socket);
    },
    log: (...line) => logged.push(line),
  });
  opened.push(server);
  return { server, sockets, logged };
}

async function open({ server }: Started): Promise<Socket> {
  const socket = connect(server.port, server.host);
  socket.on('error', () => undefined);
  opened.push({ close: () => socket.destroy() });
  await once(socket, 'connect');
  return socket.resume();
}

const silent = { body: () => undefined };
const BODY = Buffer.from('anything');

describe('an ESP server', () => {
  it('passes each connection its bodies, and writes its answers', async () => {
    const started = await start((socket) => ({
      body: (bytes, from, to) => socket.writeMessage(frame(bytes.subarray(from, to))),
    }));
    for (const text of ['first', 'second']) {
      const client = await open(started);
      client.write(frame(Buffer.from(text)));
      const [answer] = await once(client, 'data');
      expect(answer).toEqual(frame(Buffer.from(text)));
    }
    expect(started.sockets).toHaveLength(2);
    expect(started.logged).toEqual([]);
  });

  it('closes: writes final replies, notifies each connection, and accepts no more', async () => {
    const events: string[] = [];
    const started = await start((socket) => ({
      body: () => events.push('body'),
      closing: () => {
        events.push('closing');
        socket.writeMessage(frame(BODY));
      },
      closed: () => events.push('closed'),
    }));
    const client = await open(started);
    client.write(frame(BODY));
    await until(() => events.length === 1);
    const last = once(client, 'data');
    const both = [started.server.close(), started.server.close()];
    expect(both[0]).toBe(both[1]);
    expect(started.sockets[0]?.over).toBe(true);
    expect((await last)[0]).toEqual(frame(BODY));
    await Promise.all(both);
    await until(() => events.length === 3);
    expect(events).toEqual(['body', 'closing', 'closed']);
    const late = connect(started.server.port, started.server.host);
    await expect(once(late, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('closes only after its clients have read earlier replies', async () => {
    const started = await start((socket) => ({ body: () => socket.write(Buffer.alloc(8_000_000)) }));
    const client = await open(started);
    client.pause().write(frame(BODY));
    await until(() => (started.sockets[0]?.backlog ?? 0) > 0);
    const closed = started.server.close();
    // A first part, then the rest.
    let received = ((await once(client.resume(), 'data')) as [Buffer])[0].length;
    client.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    await once(client, 'end');
    await closed;
    expect(received).toBe(8_000_000);
  });

  it('closes without the connections that have closed before', async () => {
    const events: string[] = [];
    const started = await start(() => ({
      ...silent,
      closing: () => events.push('closing'),
      closed: () => events.push('closed'),
    }));
    (await open(started)).end();
    await until(() => events.length === 1);
    await started.server.close();
    expect(events).toEqual(['closed']);
  });

  it('logs ADDP if a client requests a trace', async () => {
    const started = await start(() => silent);
    const client = new AddpMonitor({ send: (bytes) => socket.write(bytes), dead: () => undefined });
    opened.push({ close: () => client.stop() });
    const socket = await open(started);
    client.init(10_000, 10_000, true);
    await until(() => started.logged.length > 0);
    expect(started.logged[0]).toEqual(['info', expect.stringContaining('ADDP'), started.sockets[0]?.peer]);
  });

  it('has the host on which it was asked to listen', async () => {
    expect((await start(() => silent)).server.host).toBe('127.0.0.1');
  });

  it('breaks off a connection whose client does not end it, soon after it closes', async () => {
    const started = await start(() => silent, { frameMs: 0x7fffffff });
    const client = connect({ port: started.server.port, host: started.server.host, allowHalfOpen: true });
    opened.push({ close: () => client.destroy() });
    await once(client, 'connect');
    await until(() => started.sockets.length === 1);
    await started.server.close();
    expect(started.sockets[0]?.socket.destroyed).toBe(true);
  });

  it('warns of a connection whose bytes break the format', async () => {
    const ends: string[] = [];
    const started = await start(() => ({ ...silent, closed: () => ends.push('closed') }));
    const client = await open(started);
    client.write('GET / HTTP/1.1\r\n\r\n');
    await until(() => ends.length === 1);
    const peer = started.sockets[0]?.peer;
    expect(started.logged).toEqual([['warn', expect.stringMatching(/^connection closed: .*first bytes/), peer]]);
  });

  it('logs a client that resets its connection at info, and one that ends it not at all', async () => {
    const ends: string[] = [];
    const started = await start(() => ({ ...silent, closed: () => ends.push('closed') }));
    (await open(started)).end();
    await until(() => ends.length === 1);
    expect(started.logged).toEqual([]);
    const client = await open(started);
    await until(() => started.sockets.length === 2);
    client.resetAndDestroy();
    await until(() => ends.length === 2);
    expect(started.logged).toEqual([['info', expect.stringContaining('ECONNRESET'), expect.any(String)]]);
  });

  it('logs a connection that it refuses', async () => {
    const started = await start(() => silent, { connections: 1 });
    const first = await open(started);
    first.write(frame(BODY));
    await until(() => (started.sockets[0]?.counts.messagesIn ?? 0) === 1);
    await once(await open(started), 'close');
    expect(started.logged).toEqual([['warn', expect.stringMatching(/^connection refused: 1 /), expect.any(String)]]);
  });
});
