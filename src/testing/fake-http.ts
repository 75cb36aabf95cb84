import { createServer, type IncomingMessage, request as nodeRequest, type ServerResponse } from 'node:http';
import { type Duplex, duplexPair } from 'node:stream';
import type { Got, Options } from 'got';
import { nearest } from '../config/index.js';
import { UnexpectedCallError } from './errors.js';

/** The reply of a fake upstream to one kind of call. */
export interface FakeReply {
  /** @default 'GET' */
  readonly method?: string;
  /** The whole URL, where `*` matches any text, or a pattern. */
  readonly url: string | RegExp;
  /** @default 200 */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The body, sent as JSON with its content type. */
  readonly json?: unknown;
  /** The body, sent as it is. */
  readonly body?: string | Uint8Array;
  /**
   * The error code that the call fails with. `ECONNRESET` and `EPIPE` break the connection after the request was sent.
   * Any other, such as `ECONNREFUSED`, prevents the connection.
   */
  readonly error?: string;
  /** The reply never comes. */
  readonly hangs?: true;
}

/** A call that reached a fake upstream. */
export interface UpstreamRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  /** Of the reply. Undefined if there was none. */
  readonly status: number | undefined;
}

type Recorded = { -readonly [K in keyof UpstreamRequest]: UpstreamRequest[K] };
type RequestFunction = NonNullable<Options['request']>;

/**
 * Fakes the upstreams of a test. Replies with the same method and URL are used in order, and the last one repeats. Any
 * other call fails the test with an {@link UnexpectedCallError}.
 *
 * @example
 * const http = fakeHttp([{ url: 'https://billing.example/accounts/*', json: { balance: 5 } }]);
 */
export const fakeHttp = (replies: readonly FakeReply[] = []): FakeHttp => new FakeHttp(replies);

/**
 * The host's HTTP client with upstreams in memory. Everything between the method and the connection is real: retries,
 * timeouts, redirects, decompression, errors.
 */
export class FakeHttp {
  /** Every call so far. */
  readonly calls: UpstreamRequest[] = [];
  readonly unexpected: UnexpectedCallError[] = [];
  readonly #replies: FakeReplies;

  constructor(replies: readonly FakeReply[]) {
    this.#replies = new FakeReplies(replies);
  }

  /** An HTTP client whose calls come here. */
  over(http: Got): Got {
    return http.extend({ request: (...asked) => this.#request(...asked) });
  }

  #request(...[url, options, callback]: Parameters<RequestFunction>): ReturnType<RequestFunction> {
    const method = options.method ?? 'GET';
    const reply = this.#take(method, url.href);
    const call: Recorded = { method, url: url.href, headers: {}, body: '', status: undefined };
    this.calls.push(call);
    const place = { protocol: 'http:', hostname: url.hostname, port: url.port, defaultPort: 80 };
    const createConnection = () => connection(reply, call, url.protocol === 'https:');
    const plain = { ...options, ...place, host: url.hostname, agent: undefined, createConnection };
    return nodeRequest(plain as object, callback as (response: IncomingMessage) => void);
  }

  #take(method: string, url: string): FakeReply {
    try {
      return this.#replies.take(method, url);
    } catch (error) {
      if (error instanceof UnexpectedCallError) this.unexpected.push(error);
      throw error;
    }
  }
}

/** Finds replies by method and URL. */
class FakeReplies {
  readonly #byName = new Map<string, FakeReply[]>();

  constructor(replies: readonly FakeReply[]) {
    for (const reply of replies) {
      const name = nameOf(reply);
      this.#byName.set(name, [...(this.#byName.get(name) ?? []), reply]);
    }
  }

  /** @throws UnexpectedCallError that names the closest reply */
  take(method: string, url: string): FakeReply {
    for (const replies of this.#byName.values()) {
      const [reply, ...later] = replies;
      if (reply === undefined || !matches(reply, method, url)) continue;
      if (later.length > 0) replies.shift();
      return reply;
    }
    throw new UnexpectedCallError(this.#unexpected(`${method} ${url}`), method, url);
  }

  #unexpected(call: string): string {
    const names = [...this.#byName.keys()];
    if (names.length === 0) return `unexpected call ${call}; add a reply: http: fakeHttp([{ method, url, ... }])`;
    const meant = nearest(call, names);
    const hint = meant === undefined ? `there are replies to ${names.join(', ')}` : `the closest reply is to ${meant}`;
    return `unexpected call ${call}; ${hint}`;
  }
}

const nameOf = ({ method = 'GET', url }: FakeReply): string => `${method.toUpperCase()} ${url}`;

function matches(reply: FakeReply, method: string, url: string): boolean {
  if ((reply.method ?? 'GET').toUpperCase() !== method) return false;
  if (reply.url instanceof RegExp) return url.search(reply.url) >= 0;
  const parts = reply.url.split('*').map((part) => part.replaceAll(/[\\^$.+?()[\]{}|/]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(url);
}

/** The client's end of a connection whose other end sends one reply. */
function connection(reply: FakeReply, call: Recorded, secure: boolean): Duplex {
  const [client, server] = duplexPair();
  // Like a connecting socket: got measures the progress of a call by it.
  Object.assign(client, { connecting: true }, secure ? { encrypted: true, authorized: true } : {});
  const { error } = reply;
  const fail = (syscall: string): void => {
    const text = `${syscall} ${error} ${new URL(call.url).host}`;
    client.destroy(Object.assign(new Error(text), { code: error, syscall }));
  };
  if (error === undefined || BREAKS.includes(error)) {
    const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      client.emit('connect');
      if (!(await received(call, request))) return;
      if (error === undefined) serve(reply, call, response);
      else fail('read');
    };
    createServer(answer).emit('connection', server);
  } else {
    queueMicrotask(() => fail('connect'));
  }
  return client;
}

/** Errors of an established connection. Any other prevents it. */
const BREAKS = ['ECONNRESET', 'EPIPE'];

/** Whether the whole request arrived. */
async function received(call: Recorded, request: IncomingMessage): Promise<boolean> {
  call.headers = request.headers;
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk);
  } catch {
    return false; // The method cancelled the call.
  }
  call.body = Buffer.concat(chunks).toString('utf8');
  return true;
}

function serve(reply: FakeReply, call: Recorded, response: ServerResponse): void {
  if (reply.hangs) return;
  const { status = 200, headers = {}, json, body = json === undefined ? '' : JSON.stringify(json) } = reply;
  call.status = status;
  response.writeHead(status, { ...(json === undefined ? {} : { 'content-type': 'application/json' }), ...headers });
  response.end(body);
}
