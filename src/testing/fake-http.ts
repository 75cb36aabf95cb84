import { createServer, type IncomingMessage, request as nodeRequest, type ServerResponse } from 'node:http';
import { type Duplex, duplexPair } from 'node:stream';
import type { Got, Options } from 'got';
import { FakeReplies, type FakeReply, UnexpectedCall } from './fake-reply.js';

/** A call as it came to the upstream. */
export interface UpstreamRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  /** Of the reply; undefined where none was given. */
  readonly status: number | undefined;
}

type Recorded = { -readonly [K in keyof UpstreamRequest]: UpstreamRequest[K] };
type RequestFunction = NonNullable<Options['request']>;

/** Upstreams for a test: `fakeHttp([{ url: 'https://billing.example/accounts/17', json: { balance: 5 } }])`. */
export const fakeHttp = (replies: readonly FakeReply[] = []): FakeHttp => new FakeHttp(replies);

/**
 * The host's HTTP client with upstreams behind it that exist in memory alone. Everything between the method and the
 * connection is real: retries, timeouts, redirects, decompression, errors.
 */
export class FakeHttp {
  /** Every call so far. */
  readonly calls: UpstreamRequest[] = [];
  readonly unexpected: UnexpectedCall[] = [];
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
    const place = { protocol: 'http:', hostname: url.hostname, port: url.port || 80, defaultPort: 80 };
    const createConnection = () => connection(reply, call, url.protocol === 'https:');
    const plain = { ...options, ...place, host: url.hostname, agent: undefined, createConnection };
    return nodeRequest(plain as object, callback as (response: IncomingMessage) => void);
  }

  #take(method: string, url: string): FakeReply {
    try {
      return this.#replies.take(method, url);
    } catch (error) {
      if (error instanceof UnexpectedCall) this.unexpected.push(error);
      throw error;
    }
  }
}

/** The client's end of a connection whose other end gives one reply. */
function connection(reply: FakeReply, call: Recorded, secure: boolean): Duplex {
  const [client, server] = duplexPair();
  // As a socket that connects: got tells by it how far a call came.
  Object.assign(client, { connecting: true }, secure ? { encrypted: true, authorized: true } : {});
  const { error } = reply;
  const fail = (syscall: string): void => {
    const text = `${syscall} ${error} ${new URL(call.url).host}`;
    client.destroy(Object.assign(new Error(text), { code: error, syscall }));
  };
  if (error === undefined || BREAKS.includes(error)) {
    const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      Object.assign(client, { connecting: false });
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

/** What ends a connection that was made; anything else keeps it from being made. */
const BREAKS = ['ECONNRESET', 'EPIPE'];

/** Whether the whole request came. */
async function received(call: Recorded, request: IncomingMessage): Promise<boolean> {
  call.headers = request.headers;
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk);
  } catch {
    return false; // The method gave the call up.
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
