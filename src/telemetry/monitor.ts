import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Metrics, processMetrics } from './metrics.js';

/** The state of a host. It accepts requests only while it is `ready`. */
export type Phase = 'starting' | 'ready' | 'stopping';

export interface MonitorOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly metrics: Metrics;
  /** Maximum number of connections. @default MONITOR_CONNECTIONS */
  readonly connections?: number;
  phase(): Phase;
}

/** Timeout for reading a request, and for writing its reply. */
const REQUEST_MS = 10_000;

/** How often Node checks for requests that time out. */
const CHECK_MS = 1000;

/** Maximum pause after a page. */
const PAUSE_MAX_MS = 250;

/** More than probes and scrapers need. */
export const MONITOR_CONNECTIONS = 32;

interface Page {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** Serves `/metrics` for Prometheus, and `/health/live` and `/health/ready` for orchestrators. */
export class Monitor {
  readonly #server: Server;
  /** Oldest first. */
  readonly #sockets = new Set<Socket>();
  /** Sockets with a request in progress. */
  readonly #busy = new Set<Socket>();
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
      // Probes do not pipeline, and a page for each pipelined request would be expensive.
      if (this.#busy.has(socket)) {
        socket.destroy();
        return;
      }
      this.#busy.add(socket);
      response.once('close', () => this.#busy.delete(socket));
      void answer(request, response, pages);
    });
    this.#server.timeout = REQUEST_MS;
    this.#server.on('connection', (socket) => this.#accept(socket));
  }

  get host(): string {
    return this.options.host;
  }

  get port(): number {
    return this.#port;
  }

  /** The address that it was asked to listen on. */
  get asked(): { readonly host: string; readonly port: number } {
    return this.options;
  }

  /** Starts to listen. @throws the error of `listen`, for instance EADDRINUSE */
  async start(): Promise<void> {
    this.#server.listen(this.#port, this.options.host);
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** A new connection replaces the oldest idle one, so that health checks work however many connections are open. */
  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    // Two turns later, requests that came with their connections have been read, so idle connections are known.
    if (this.#sockets.size > this.#max)
      void nextTurn()
        .then(nextTurn)
        .then(() => this.#closeOldest());
  }

  get #max(): number {
    return this.options.connections ?? MONITOR_CONNECTIONS;
  }

  #closeOldest(): void {
    while (this.#sockets.size > this.#max) {
      const idle = [...this.#sockets].filter((one) => !this.#busy.has(one));
      const oldest = oldestOfBusiest(idle.length === 0 ? [...this.#sockets] : idle);
      this.#sockets.delete(oldest);
      oldest.destroy();
    }
  }

  /** Releases the port until the next `start`. */
  pause(): void {
    this.#server.close();
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}

/** The oldest connection of the address with the most connections, so that one client cannot displace a probe. */
function oldestOfBusiest(sockets: readonly Socket[]): Socket {
  const byAddress = [...Map.groupBy(sockets, ({ remoteAddress }) => remoteAddress).values()];
  const [oldest] = byAddress.reduce((most, some) => (some.length > most.length ? some : most));
  return oldest as Socket;
}

type Pages = Readonly<Record<string, () => Promise<Page>>>;

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Limits the work for a page to a tenth of the time, so that a flood of scrapes cannot slow down the host. Requests that
 * arrive while a page is pending share it. A page is always made after the request for it.
 */
function rationed(make: () => Promise<Page>): () => Promise<Page> {
  let pending: Promise<Page> | undefined;
  let pauseMs = 0;
  let madeAt = 0;
  const next = async (): Promise<Page> => {
    const wait = madeAt + Math.min(pauseMs, PAUSE_MAX_MS) - performance.now();
    await (wait > 0 ? sleep(wait) : nextTurn());
    pending = undefined;
    const startedAt = performance.now();
    const page = await make();
    madeAt = performance.now();
    pauseMs = 9 * (madeAt - startedAt);
    return page;
  };
  return () => {
    pending ??= next();
    return pending;
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
  if (!Object.hasOwn(pages, path)) return plain(404, `Not found. Pages: ${Object.keys(pages).join(', ')}.\n`);
  if (method !== 'GET' && method !== 'HEAD') return plain(405, 'Use GET or HEAD.\n');
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
