import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Metrics } from './metrics.js';
import { processMetrics } from './process-metrics.js';

/** What a host does at this moment; it takes requests only while it is `ready`. */
export type Phase = 'starting' | 'ready' | 'stopping';

export interface MonitorOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly metrics: Metrics;
  /** Most connections at one time: `MONITOR_CONNECTIONS` unless given. */
  readonly connections?: number;
  phase(): Phase;
}

/** A request for health or metrics has little to say, and its reply is soon read. */
const REQUEST_MS = 10_000;

/** How often Node looks for requests that take longer. */
const CHECK_MS = 1000;

/** How long after a page the next one waits at most. */
const MOST_REST_MS = 250;

/** More than probes and scrapes need. */
export const MONITOR_CONNECTIONS = 32;

interface Page {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** Tells over HTTP how the host does: `/metrics` for Prometheus, `/health/live` and `/health/ready` for who runs it. */
export class Monitor {
  readonly #server: Server;
  /** In the order in which they came. */
  readonly #sockets = new Set<Socket>();
  /** Those with a request that is not answered. */
  readonly #asking = new Set<Socket>();
  #port: number;

  constructor(private readonly options: MonitorOptions) {
    this.#port = options.port;
    const ofProcess = processMetrics();
    const pages: Pages = {
      '/metrics': rationed(async () => metricsPage(await options.metrics.text(), await ofProcess.text())),
      '/health/live': async () => healthPage(200, 'live'),
      '/health/ready': async () => healthPage(options.phase() === 'ready' ? 200 : 503, options.phase()),
    };
    const timing = { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS, connectionsCheckingInterval: CHECK_MS };
    this.#server = createServer(timing, (request, response) => {
      const { socket } = request;
      // Probes wait for their answer. Who sends requests ahead would have a page made for each.
      if (this.#asking.has(socket)) {
        socket.destroy();
        return;
      }
      this.#asking.add(socket);
      response.once('close', () => this.#asking.delete(socket));
      void answer(request, response, pages);
    });
    this.#server.timeout = REQUEST_MS;
    this.#server.on('connection', (socket) => this.#take(socket));
  }

  get host(): string {
    return this.options.host;
  }

  get port(): number {
    return this.#port;
  }

  /** Where it was asked to listen. */
  get asked(): { readonly host: string; readonly port: number } {
    return this.options;
  }

  /** Answers. @throws the error of `listen`, for instance EADDRINUSE */
  async start(): Promise<void> {
    this.#server.listen(this.#port, this.options.host);
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** A new connection takes the place of the oldest idle one: health is answered however many are held open. */
  #take(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    // Requests that have come with their connections are read first: they show which connections are idle.
    if (this.#sockets.size > this.#most)
      void nextTurn()
        .then(nextTurn)
        .then(() => this.#makeRoom());
  }

  get #most(): number {
    return this.options.connections ?? MONITOR_CONNECTIONS;
  }

  #makeRoom(): void {
    if (this.#sockets.size <= this.#most) return;
    const idle = [...this.#sockets].filter((one) => !this.#asking.has(one));
    const one = oldestOfMost(idle.length === 0 ? [...this.#sockets] : idle);
    if (one !== undefined) this.#sockets.delete(one);
    one?.destroy();
  }

  /** Gives the port up, until `start` takes it again. */
  pause(): void {
    this.#server.close();
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}

/** The oldest connection of the address that has the most of them: a probe has its place beside any number of others. */
function oldestOfMost(sockets: readonly Socket[]): Socket | undefined {
  const byAddress = [...Map.groupBy(sockets, ({ remoteAddress }) => remoteAddress).values()];
  return byAddress.reduce((most, some) => (some.length > most.length ? some : most), [])[0];
}

type Pages = Readonly<Record<string, () => Promise<Page>>>;

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Requests that come while a page is awaited share it, and pages take a tenth of the time at most: a flood of scrapes
 * must not keep the host from its work. Each page is made after it was asked for.
 */
function rationed(make: () => Promise<Page>): () => Promise<Page> {
  let coming: Promise<Page> | undefined;
  let restMs = 0;
  let madeAt = 0;
  const next = async (): Promise<Page> => {
    const wait = madeAt + Math.min(restMs, MOST_REST_MS) - performance.now();
    await (wait > 0 ? sleep(wait) : nextTurn());
    coming = undefined;
    const startedAt = performance.now();
    const page = await make();
    madeAt = performance.now();
    restMs = 9 * (madeAt - startedAt);
    return page;
  };
  return () => {
    coming ??= next();
    return coming;
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, pages: Pages): Promise<void> {
  const { status, type, text } = await pageOf(request, pages).catch(
    (error: Error): Page => plain(500, `${error.message}\n`),
  );
  response.writeHead(status, {
    'content-type': type,
    'cache-control': 'no-store',
    ...(status === 405 ? { allow: 'GET, HEAD' } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : text);
}

async function pageOf({ method, url = '' }: IncomingMessage, pages: Pages): Promise<Page> {
  const path = url.split('?', 1)[0] ?? '';
  if (!Object.hasOwn(pages, path)) return plain(404, `There are ${Object.keys(pages).join(', ')}.\n`);
  if (method !== 'GET' && method !== 'HEAD') return plain(405, 'Only GET and HEAD are answered.\n');
  return (pages[path] as () => Promise<Page>)();
}

const plain = (status: number, text: string): Page => ({ status, type: 'text/plain; charset=utf-8', text });

const healthPage = (status: number, text: string): Page => ({
  status,
  type: 'application/json',
  text: `${JSON.stringify({ status: text })}\n`,
});

const metricsPage = (...parts: string[]): Page => ({
  status: 200,
  type: 'text/plain; version=0.0.4; charset=utf-8',
  text: parts.join('\n'),
});
