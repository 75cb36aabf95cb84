import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { cutText, errorStack, errorText, RationedLog, type RootLogger } from '../../telemetry/index.js';
import {
  type BufferBudget,
  type BufferShare,
  type Descriptors,
  Listener,
  type ListenerTls,
  listenerSettings,
  peerOf,
  scheduleDrain,
} from '../../transport/index.js';
import { type Answer, answerOf, type Boxes, pathOf } from './answer.js';
import type { WebhookMetrics } from './metrics.js';

export interface WebhookLimits {
  readonly connections: number;
  readonly connectionsPerAddress?: number | undefined;
  /** How long a request may be incomplete, and an answer unread, in ms. */
  readonly frameMs: number;
}

/** What a reload can change without a new listener. */
export interface WebhookAdapterSettings {
  readonly limits: WebhookLimits;
  /** Maximum size of a body. */
  readonly bodyBytes: number;
  readonly tls?: ListenerTls | undefined;
}

export interface WebhookAdapterOptions extends WebhookAdapterSettings, Boxes {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly logger: RootLogger;
  readonly metrics: WebhookMetrics;
  readonly budget: BufferBudget;
  readonly descriptors: Descriptors;
}

const KEEP_ALIVE_MS = 60_000;

/** Requests that a sender may pipeline. */
const PIPELINED_MAX = 16;

interface Sender {
  readonly share: BufferShare;
  /** Requests without an answer. */
  open: number;
  /** Bytes of their bodies in memory. */
  bytes: number;
}

/** Accepts webhooks over HTTP: it answers when their events are stored in the inbox. */
export class WebhookAdapter {
  readonly #log: RationedLog;
  readonly #sockets = new Map<Socket, Sender>();
  readonly #listener: Listener;
  readonly #server: Server;
  #settings: WebhookAdapterSettings;
  #draining = false;
  /** Called when the last connection has closed. */
  #emptied: (() => void) | undefined;

  constructor(private readonly options: WebhookAdapterOptions) {
    const { host, port, logger, metrics, descriptors, limits } = options;
    this.#settings = options;
    this.#log = new RationedLog(logger);
    // How often Node checks for requests that take too long.
    const checks = { connectionsCheckingInterval: Math.min(limits.frameMs, 1000) };
    this.#server = createServer(checks, (request, response) => void this.#serve(request, response));
    this.#server.keepAliveTimeout = KEEP_ALIVE_MS;
    this.#server.on('timeout', (socket) => socket.destroy());
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => this.#malformed(error, socket));
    this.#setTimeouts();
    this.#listener = new Listener(
      { host, port, descriptors, ...listenerSettings(options) },
      {
        connection: (socket) => this.#connect(socket),
        refused: (peer, why, refusal) => {
          metrics.refused(refusal);
          this.#log.ofConnection('warn', `webhook refused: ${refusal}`, peer, `webhook connection refused: ${why}`);
        },
      },
    );
  }

  /** Starts to listen. @throws the error of `listen`, for example EADDRINUSE */
  async start(): Promise<void> {
    // Node checks for slow requests once a server listens.
    this.#server.emit('listening');
    await this.#listener.open();
  }

  /** Closes the port until `start` opens it again. Connections stay open. */
  pause(): void {
    this.#listener.pause();
  }

  /** Uses these settings for new connections and further requests. */
  use(settings: WebhookAdapterSettings): void {
    this.#settings = settings;
    this.#listener.use(listenerSettings(settings));
    this.#setTimeouts();
  }

  /** The configured address: its port may be 0. */
  get asked(): { readonly host: string; readonly port: number } {
    return this.#listener.asked;
  }

  get host(): string {
    return this.#listener.host;
  }

  /** The port on which it listens. */
  get port(): number {
    return this.#listener.port;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** Accepts no more connections, ends open ones with their next answer or when idle, and all after `drainMs`. */
  async drain(drainMs: number): Promise<void> {
    const closed = this.#listener.close();
    this.#draining = true;
    this.#server.closeIdleConnections();
    const destroy = (): void => {
      for (const socket of this.#sockets.keys()) socket.destroy();
    };
    const stop = scheduleDrain(drainMs, {
      endWhenIdle: () => this.#server.closeIdleConnections(),
      turnAway: () => this.#server.closeIdleConnections(),
      destroy,
    });
    if (this.#sockets.size > 0) {
      await new Promise<void>((resolve) => {
        this.#emptied = resolve;
      });
    }
    stop();
    this.#server.close();
    await closed;
    this.#log.close();
  }

  #setTimeouts(): void {
    const { frameMs } = this.#settings.limits;
    this.#server.requestTimeout = frameMs;
    this.#server.headersTimeout = frameMs;
    this.#server.timeout = Math.max(2 * frameMs, KEEP_ALIVE_MS + frameMs);
  }

  #connect(socket: Socket): void {
    const { budget, metrics } = this.options;
    const share = budget.share(socket.remoteAddress ?? 'unknown', (bytes) => {
      const why = `limits.bufferedBytes is reached, and this client uses the most: ${bytes} bytes`;
      this.#log.ofConnection('warn', 'webhook buffers', peerOf(socket), `webhook connection closed: ${why}`);
      socket.destroy();
    });
    this.#sockets.set(socket, { share, open: 0, bytes: 0 });
    metrics.opened();
    socket.once('close', () => {
      share.end();
      this.#sockets.delete(socket);
      metrics.open.dec();
      if (this.#sockets.size === 0) this.#emptied?.();
    });
    this.#server.emit('connection', socket);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { inbox, metrics } = this.options;
    const sender = this.#sockets.get(request.socket);
    if (sender === undefined || ++sender.open > PIPELINED_MAX) {
      request.socket.destroy();
      return;
    }
    response.once('close', () => sender.open--);
    let startedAt = performance.now();
    const complete = (): void => {
      startedAt = performance.now();
    };
    let own = 0;
    const buffered = (bytes: number): void => {
      sender.bytes += bytes - own;
      own = bytes;
      sender.share.stall(sender.bytes);
    };
    const answer = await answerOf(request, this.options, this.#settings.bodyBytes, buffered, complete);
    const path = inbox.webhooks.has(pathOf(request)) ? pathOf(request) : undefined;
    metrics.answered(path, answer.outcome, performance.now() - startedAt);
    if (answer.status !== 200) this.#logRefused(answer, request, path);
    this.#send(response, answer);
  }

  #send(response: ServerResponse, { status, text, headers = {} }: Answer): void {
    const isError = status !== 200;
    response.writeHead(status, {
      'content-type': isError ? 'application/json' : 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
      ...headers,
      ...(this.#draining ? { connection: 'close' } : {}),
    });
    response.end(isError ? JSON.stringify({ error: text }) : text);
  }

  #logRefused({ status, outcome, text, cause }: Answer, { socket }: IncomingMessage, path: string | undefined): void {
    const isOurs = status >= 500 && cause !== undefined;
    const why = isOurs ? errorText(cause) : text;
    const fields = { webhook: path, status, stack: isOurs ? errorStack(cause) : undefined };
    this.#log.ofConnection(
      isOurs ? 'error' : 'warn',
      `webhook ${outcome}`,
      peerOf(socket),
      `webhook refused: ${cutText(why, 500)}`,
      fields,
    );
  }

  /** Answers bytes that are not an HTTP request, and requests that stay incomplete. */
  #malformed(error: NodeJS.ErrnoException, socket: Socket): void {
    const isSlow = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
    // A webhook whose body is being read counts itself.
    const isBetween = (this.#sockets.get(socket)?.open ?? 0) === 0;
    if (isBetween) this.options.metrics.answered(undefined, isSlow ? 'incomplete' : 'invalid', 0);
    const text = `webhook connection closed: ${cutText(error.message, 200)}`;
    this.#log.ofConnection('info', 'webhook closed', peerOf(socket), text);
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else socket.end(`HTTP/1.1 ${isSlow ? '408 Request Timeout' : '400 Bad Request'}\r\nConnection: close\r\n\r\n`);
  }
}
