import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Summary } from './journal.ts';
import { Refused, ROUTES } from './routes.ts';
import { FakeState } from './state.ts';

const CONSOLE = fileURLToPath(new URL('../../../../dist/mock-platform/console', import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

export interface FakeOptions {
  /** The number of requests in the journal at the start. */
  readonly entries?: number;
  readonly now?: () => number;
}

/** An in-memory admin API with the built console, for tests of the console alone and for screenshots. */
export class FakeAdmin {
  readonly state: FakeState;
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  readonly #listeners = new Set<ServerResponse>();

  private constructor({ entries = 200, now = Date.now }: FakeOptions) {
    this.state = new FakeState(entries, now);
  }

  static async start(options: FakeOptions = {}): Promise<FakeAdmin> {
    if (!existsSync(join(CONSOLE, 'index.html'))) throw new Error('the console is not built: npm run build');
    const fake = new FakeAdmin(options);
    fake.#server.listen(0, '127.0.0.1');
    await once(fake.#server, 'listening');
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** Adds a request and emits its event. */
  request(change: Partial<Summary> = {}): Summary {
    const entry = this.state.add(change);
    this.emit('journal', entry);
    return entry;
  }

  emit(event: string, data: unknown): void {
    for (const listener of this.#listeners) listener.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** Breaks the connections of listeners, like a restart of the platform. */
  disconnect(): void {
    for (const listener of this.#listeners) listener.destroy();
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    if (url.pathname === '/api/events') return this.#listen(response);
    if (!url.pathname.startsWith('/api/')) return sendFile(url.pathname, response);
    try {
      const answer = await this.#call(request, url);
      response.setHeader('content-type', typeof answer === 'string' ? 'text/plain' : 'application/json');
      response.end(typeof answer === 'string' ? answer : JSON.stringify(answer ?? null));
    } catch (error) {
      response.statusCode = error instanceof Refused ? error.status : 500;
      response.end(JSON.stringify({ error: error instanceof Error ? error.message : String(error) }));
    }
  }

  async #call(request: IncomingMessage, url: URL): Promise<unknown> {
    const parts = url.pathname.slice('/api/'.length).split('/').map(decodeURIComponent);
    const whole = `${request.method} ${parts.join('/')}`;
    for (const [at, id] of [[-1, ''], ...parts.entries()] as [number, string][]) {
      const route = ROUTES[at < 0 ? whole : `${request.method} ${parts.with(at, ':id').join('/')}`];
      if (route === undefined) continue;
      const sent = await text(request);
      const body = (sent === '' ? {} : JSON.parse(sent)) as Record<string, unknown>;
      const emit = (event: string, data: unknown): void => this.emit(event, data);
      return route({ state: this.state, address: this.url, query: url.searchParams, body, id, emit });
    }
    throw new Refused(404, `There is no ${whole}`);
  }

  #listen(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(': hello\n\n');
    this.#listeners.add(response);
    response.on('close', () => this.#listeners.delete(response));
  }
}

function sendFile(path: string, response: ServerResponse): void {
  const file = join(CONSOLE, normalize(path === '/' ? '/index.html' : path));
  if (!file.startsWith(CONSOLE) || !existsSync(file)) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
  response.end(readFileSync(file));
}
