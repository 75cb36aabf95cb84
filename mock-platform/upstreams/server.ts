import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { MockCall, MockHandler, MockRequest, MockResponse } from 'esp-host';
import { CallLog, type RecordedCall } from './call-log.js';

/**
 * Overrides the response to a request: another response, a delay, a TCP reset, or no response (`hang`). `loseAnswer`
 * processes the request, then resets the connection; `halfAnswer` does so after half of the body. A response without a
 * body gets the error body of the upstream.
 */
export type ForcedResponse =
  | (MockResponse & { readonly delayMs?: number })
  | { readonly delayMs: number }
  | 'reset'
  | 'hang'
  | 'loseAnswer'
  | 'halfAnswer';

/** Finds the journal entry of the request that caused a call; undefined if it is unknown. */
export type EntryOf = (call: MockRequest) => MockCall['entry'] | undefined;

/** Called with each request. Undefined leaves the request to the upstream. */
export type Responder = (request: MockRequest) => ForcedResponse | undefined | Promise<ForcedResponse | undefined>;

export interface UpstreamServerOptions {
  readonly host: string;
  /** 0 selects any free port. */
  readonly port: number;
  /** Private key and certificate as PEM texts. Without them, the server speaks plain HTTP. */
  readonly tls?: { readonly key: string; readonly cert: string } | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly calls: CallLog;
  readonly handler: MockHandler;
  readonly intercept: Responder;
  /** Finds the journal entry of the request that caused a call. @default unknown for every call */
  readonly entryOf?: EntryOf | undefined;
}

const BODY_BYTES = 1 << 20;

const TEXT_TYPE = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';

/** Statuses of responses that have no body. */
const BODILESS: ReadonlySet<number> = new Set([204, 304]);

/** Serves an upstream over HTTP or HTTPS, records its calls, and applies forced responses. */
export class UpstreamServer {
  readonly #server: Server;
  /** TCP sockets by peer. http.Server gives access neither to sockets in a TLS handshake nor to those below TLS. */
  readonly #sockets = new Map<string, Socket>();
  readonly #closing = new AbortController();

  private constructor(private readonly options: UpstreamServerOptions) {
    const serve = (request: IncomingMessage, response: ServerResponse): void => void this.#serve(request, response);
    this.#server = options.tls === undefined ? createServer(serve) : createTlsServer(options.tls, serve);
    this.#server.on('connection', (socket: Socket) => this.#opened(socket));
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => this.#malformed(error, socket));
  }

  /** @throws the error of `listen`, such as EADDRINUSE */
  static async start(options: UpstreamServerOptions): Promise<UpstreamServer> {
    const server = new UpstreamServer(options);
    await new Promise<void>((resolve, reject) => {
      server.#server.once('error', reject);
      server.#server.listen(options.port, options.host, resolve);
    });
    return server;
  }

  /** The URL, without a path. */
  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `${this.options.tls === undefined ? 'http' : 'https'}://${this.options.host}:${port}`;
  }

  /** Closes every connection, even during a request. */
  async close(): Promise<void> {
    this.#closing.abort();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets.values()) socket.destroy();
    await closed;
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { calls, now, handler, entryOf } = this.options;
    const { method = '', url = '' } = incoming;
    const [path = '', query = ''] = url.split(/\?(.*)/s);
    const call: RecordedCall = { at: now(), method, path };
    calls.record(call);
    try {
      const body = await bodyOf(incoming);
      if (body === undefined)
        return this.#send(outgoing, call, handler.error(413, `body: exceeds ${BODY_BYTES} bytes`));
      if (!isDecodable(path)) return this.#send(outgoing, call, handler.error(400, `'${path}' is not a valid path`));
      const request = { method, path, query: new URLSearchParams(query), headers: incoming.headers, body };
      const entry = entryOf?.(request);
      Object.assign(call, handler.describe?.(request), entry && { entry });
      await this.#respond(request, outgoing, call);
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      this.#send(outgoing, call, handler.error(500, (error as Error).message));
    }
  }

  async #respond(request: MockRequest, outgoing: ServerResponse, call: RecordedCall): Promise<void> {
    const { handler, intercept } = this.options;
    const forced = await intercept(request);
    if (forced === 'hang' || forced === 'reset') {
      call.status = forced;
      if (forced === 'reset') this.#reset(outgoing);
      return;
    }
    if (typeof forced === 'object') {
      if (forced.delayMs !== undefined) await delay(forced.delayMs, undefined, { signal: this.#closing.signal });
      if ('status' in forced) {
        this.#send(outgoing, call, { ...handler.error(forced.status, 'forced by the mock platform'), ...forced });
        return;
      }
    }
    const response = await handler.respond(request);
    if (forced === 'loseAnswer') {
      call.status = 'reset';
      this.#reset(outgoing);
    } else {
      this.#send(outgoing, call, response, forced === 'halfAnswer');
    }
  }

  #send(outgoing: ServerResponse, call: RecordedCall, { status, headers, body }: MockResponse, half = false): void {
    const isText = typeof body === 'string';
    const bytes = Buffer.from(isText ? body : (JSON.stringify(body) ?? ''));
    call.status = half ? 'reset' : status;
    outgoing.writeHead(status, {
      ...(body === undefined ? {} : { 'content-type': isText ? TEXT_TYPE : JSON_TYPE }),
      ...(BODILESS.has(status) ? {} : { 'content-length': bytes.length }),
      ...headers,
    });
    if (half) outgoing.write(bytes.subarray(0, bytes.length >> 1), () => this.#reset(outgoing));
    else outgoing.end(bytes);
  }

  #reset({ req: { socket } }: ServerResponse): void {
    const tcpSocket = this.#sockets.get(peerOf(socket));
    if (tcpSocket === undefined) socket.destroy();
    else tcpSocket.resetAndDestroy();
  }

  #opened(socket: Socket): void {
    if (this.#closing.signal.aborted) {
      socket.destroy();
      return;
    }
    const peer = peerOf(socket);
    this.#sockets.set(peer, socket);
    socket.once('close', () => {
      if (this.#sockets.get(peer) === socket) this.#sockets.delete(peer);
    });
  }

  /** Node provides no ServerResponse for a malformed request, so this writes the response itself. */
  #malformed(error: NodeJS.ErrnoException, socket: Socket): void {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const body = JSON.stringify(this.options.handler.error(400, `not an HTTP request: ${error.message}`).body);
    const head = `HTTP/1.1 400 Bad Request\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close`;
    socket.end(`${head}\r\nContent-Type: application/json\r\n\r\n${body}`);
  }
}

/** Undefined for a body that is too long. Reads all of it, so that the client gets the response. */
async function bodyOf(incoming: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= BODY_BYTES) chunks.push(chunk);
  }
  return length <= BODY_BYTES ? Buffer.concat(chunks).toString('utf8') : undefined;
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

const peerOf = (socket: Socket): string => `${socket.remoteAddress}:${socket.remotePort}`;
