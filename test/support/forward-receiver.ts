import { webcrypto } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { until } from './eventually.js';

/** A webhook that was forwarded. */
export interface Forwarded {
  readonly id: string;
  readonly type: string | undefined;
  readonly signature: string;
  readonly body: Buffer;
}

/** A program of someone else that receives forwarded webhooks. */
export class ForwardReceiver {
  readonly got: Forwarded[] = [];
  /** Answers each webhook. */
  answer: (response: ServerResponse, forwarded: Forwarded) => void = (response) => response.writeHead(204).end();
  #server: ReturnType<typeof createServer> | undefined;
  port = 0;
  /** Connections that it has had. */
  connections = 0;

  async listen(tls?: { certificate: string; key: string }, port = this.port): Promise<this> {
    const serve: RequestListener = (request, response) => void this.#serve(request, response);
    const server =
      tls === undefined ? createServer(serve) : createTlsServer({ cert: tls.certificate, key: tls.key }, serve);
    this.#server = server;
    server.on(tls === undefined ? 'connection' : 'secureConnection', () => this.connections++);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/in`;
  }

  async close(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  received(count: number): Promise<void> {
    return until(() => this.got.length >= count, `${count} webhooks are forwarded`);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { headers } = request;
    const forwarded = {
      id: String(headers['x-webhook-id']),
      type: headers['content-type'],
      signature: String(headers['x-hub-signature-256']),
      body: Buffer.concat(chunks),
    };
    this.got.push(forwarded);
    this.answer(response, forwarded);
  }
}

/** Whether the signature is right, by WebCrypto: the host signs with `createHmac`. */
export async function isSigned({ signature, body }: Forwarded, secret: string): Promise<boolean> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await webcrypto.subtle.importKey('raw', new TextEncoder().encode(secret), algorithm, false, ['verify']);
  const [, hex = ''] = /^sha256=([\da-f]{64})$/.exec(signature) ?? [];
  return webcrypto.subtle.verify('HMAC', key, Buffer.from(hex, 'hex'), new Uint8Array(body));
}
