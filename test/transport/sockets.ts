import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { certificates } from '../support/tls.js';

const opened: { destroy(): void }[] = [];

/** Closes what the tests of a file have opened. */
export function closeSockets(): void {
  for (const one of opened.splice(0)) one.destroy();
}

/** Both ends of a connection. */
export async function socketPair(tls: boolean): Promise<{ near: Socket; far: Socket }> {
  const pem = tls ? (await certificates()).server : undefined;
  const server = pem === undefined ? createServer() : createTlsServer({ cert: pem.certificate, key: pem.key });
  const accepted = once(server, pem === undefined ? 'connection' : 'secureConnection') as Promise<[Socket]>;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const far =
    pem === undefined
      ? connect({ port, host: '127.0.0.1', allowHalfOpen: true })
      : connectTls({ port, host: '127.0.0.1', ca: pem.certificate });
  const [near] = await accepted;
  far.on('error', () => undefined);
  opened.push(far, near, { destroy: () => server.close() });
  return { near, far };
}

export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The next `length` bytes, or all up to the end of the connection. */
export async function read(far: Socket, length: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let received = 0;
  for await (const chunk of far as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    received += chunk.length;
    if (received >= length) break;
  }
  return Buffer.concat(chunks);
}
