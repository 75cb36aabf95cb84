import { once } from 'node:events';
import { connect, createServer, Server, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Listener, type ListenerOptions, listen, peerOf } from '../../src/transport/index.js';
import { type Certificates, certificates } from '../support/tls.js';
import { closeSockets, socketPair } from './sockets.js';

let pem: Certificates;
beforeAll(async () => {
  pem = await certificates();
});

const sockets: Socket[] = [];
const listeners: Listener[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(listeners.splice(0).map((listener) => listener.close()));
});

interface Started {
  readonly listener: Listener;
  /** The next connection that is taken. */
  readonly taken: Promise<Socket>;
  /** The next that is refused: its peer, and why. */
  readonly refused: Promise<[peer: string, why: string]>;
}

async function start(options: Partial<ListenerOptions> = {}): Promise<Started> {
  const taken = Promise.withResolvers<Socket>();
  const refused = Promise.withResolvers<[string, string]>();
  const listener = await listen(
    { host: '127.0.0.1', port: 0, connections: 100, handshakeMs: 10_000, ...options },
    {
      connection: (socket) => {
        sockets.push(socket);
        socket.on('error', () => undefined);
        taken.resolve(socket);
      },
      refused: (peer, why) => refused.resolve([peer, why]),
    },
  );
  listeners.push(listener);
  return { listener, taken: taken.promise, refused: refused.promise };
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

describe('a listener', () => {
  it('accepts connections on the port that it reports', async () => {
    const { listener, taken } = await start();
    expect(listener).toMatchObject({ host: '127.0.0.1', port: expect.any(Number) });
    const client = await open(listener.port);
    const server = await taken;
    expect(server.remotePort).toBe(client.localPort);
  });

  it('that is closed accepts no more connections, and keeps open ones', async () => {
    const { listener, taken } = await start();
    const client = await open(listener.port);
    const server = await taken;
    const closed = listener.close();
    const late = connect(listener.port, '127.0.0.1');
    const [error] = await once(late, 'error').catch((thrown) => [thrown]);
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
    server.write('still here');
    expect(String((await once(client, 'data'))[0])).toBe('still here');
    client.destroy();
    await closed;
  });

  it('refuses connections over its limit, with their peers', async () => {
    const { listener, taken, refused } = await start({ connections: 1 });
    (await open(listener.port)).write('x');
    await once(await taken, 'data');
    const second = await open(listener.port);
    expect(await refused).toEqual([`127.0.0.1:${second.localPort}`, '1 connections are open (limits.connections)']);
  });

  it('counts the connections of an address as they come and go', async () => {
    const { listener, taken, refused } = await start({ connections: 10, connectionsPerAddress: 2 });
    const first = await open(listener.port);
    const server = await taken;
    await open(listener.port);
    first.destroy();
    await once(server, 'close');
    await open(listener.port);
    const fourth = await open(listener.port);
    expect(await refused).toEqual([
      `127.0.0.1:${fourth.localPort}`,
      'this address has 2 open connections (limits.connectionsPerAddress)',
    ]);
  });

  it('reports that a connection could not be accepted', async () => {
    const listen = jest.spyOn(Server.prototype, 'listen');
    const { refused } = await start();
    const [server] = listen.mock.contexts as Server[];
    listen.mockRestore();
    server?.emit('error', new Error('EMFILE'));
    expect(await refused).toEqual(['unknown:0', 'EMFILE']);
  });

  it('rejects with the error', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    await expect(start({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    other.close();
    await expect(start({ host: '203.0.113.1' })).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
    await expect(start({ tls: { certificate: 'none', key: 'none' } })).rejects.toThrow(/PEM/);
    const mixed = { certificate: pem.server.certificate, key: pem.client.key };
    await expect(start({ tls: mixed })).rejects.toThrow(/key values mismatch/);
  });
});

it('a TLS listener without clientCa does not request a certificate', async () => {
  const { listener, taken } = await start({ tls: pem.server });
  const client = { cert: pem.client.certificate, key: pem.client.key };
  sockets.push(connectTls({ host: '127.0.0.1', port: listener.port, ca: pem.server.certificate, ...client }));
  expect(((await taken) as TLSSocket).getPeerX509Certificate()).toBeUndefined();
});

describe('a TLS listener refuses, with the reason,', () => {
  const secured = (options: Partial<ListenerOptions> = {}) => start({ tls: pem.server, ...options });

  it.each([
    ['plain ESP', Buffer.from('0000004e03000001f4', 'hex'), /^the peer does not speak TLS \(most likely plain ESP\)/],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n'), /^the peer speaks plain HTTP instead of TLS$/],
    ['HTTP to a proxy', Buffer.from('CONNECT a:1 HTTP/1.1\r\n\r\n'), /^the peer speaks plain HTTP instead of TLS$/],
    ['TLS that is cut', Buffer.from('160301000400000000', 'hex'), /^TLS handshake failed: ERR_SSL_[A-Z_]+$/],
  ])('a peer that speaks %s', async (_name, bytes, why) => {
    const { listener, refused } = await secured();
    const client = await open(listener.port);
    client.write(bytes);
    expect(await refused).toEqual([`127.0.0.1:${client.localPort}`, expect.stringMatching(why)]);
  });

  it('a peer that leaves during the handshake', async () => {
    const { listener, refused } = await secured();
    const client = await open(listener.port);
    client.end();
    expect((await refused)[1]).toBe('the peer closed the connection during the TLS handshake');
  });

  it('a peer that is silent for too long', async () => {
    const { listener, refused } = await secured({ handshakeMs: 50 });
    const client = await open(listener.port);
    expect(await refused).toEqual([`127.0.0.1:${client.localPort}`, 'no TLS handshake within 50 ms (limits.frameMs)']);
    await once(client, 'close');
  });

  it('a client that does not trust the certificate', async () => {
    const { listener, refused } = await secured();
    connectTls({ host: '127.0.0.1', port: listener.port, ca: pem.client.certificate }).on('error', () => undefined);
    expect((await refused)[1]).toMatch(/^(TLS handshake failed: ERR_SSL_TLSV1_ALERT_UNKNOWN_CA|the peer closed)/);
  });
});

it('the address of a disconnected client is unknown', async () => {
  const { near, far } = await socketPair(false);
  expect(peerOf(near)).toBe(`127.0.0.1:${far.localPort}`);
  const gone = (await socketPair(false)).near.destroy();
  expect(peerOf(gone)).toBe('unknown:0');
  closeSockets();
});
