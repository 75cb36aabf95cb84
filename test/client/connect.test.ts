import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { connect, whyFailed } from '../../src/client/connect.js';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listening(): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => socket.resume()).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return { server, port: (server.address() as { port: number }).port };
}

const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

describe('connecting', () => {
  it('leaves no timer or listener behind', async () => {
    const { port } = await listening();
    const before = timers();
    const socket = await connect({ host: '127.0.0.1', port, connectTimeoutMs: 10_000 });
    expect([timers(), socket.listenerCount('error')]).toEqual([before, 0]);
    socket.destroy();
  });

  it('that fails leaves no timer behind, and names the address and the cause', async () => {
    const { server, port } = await listening();
    server.close();
    await once(server, 'close');
    const before = timers();
    await expect(connect({ host: '127.0.0.1', port, connectTimeoutMs: 10_000 })).rejects.toMatchObject({
      code: 'ESP_CLIENT_CONNECT_FAILED',
      address: `127.0.0.1:${port}`,
      cause: { code: 'ECONNREFUSED' },
    });
    expect(timers()).toBe(before);
  });

  it('times out if the server does not answer in TLS, and closes the connection', async () => {
    const { server, port } = await listening();
    const accepted = once(server, 'connection');
    const connecting = connect({ host: '127.0.0.1', port, tls: {}, connectTimeoutMs: 50 });
    const closed = accepted.then(([socket]) => once(socket, 'close'));
    await expect(connecting).rejects.toThrow(`cannot connect to 127.0.0.1:${port}: timed out after 50 ms`);
    await closed;
  });
});

it.each([
  ['ECONNREFUSED', 'nothing listens there'],
  ['ENOTFOUND', 'unknown host'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'the server does not speak TLS'],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'the server does not speak TLS'],
  ...[
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  ].map((code) => [code, `its certificate is not signed by a trusted authority (${code})`]),
  ['EHOSTUNREACH', 'the text of Node'],
  ['', 'the text of Node'],
])('the error %s is explained as: %s', (code, text) => {
  expect(whyFailed(Object.assign(new Error('the text of Node'), { code }))).toBe(text);
});
