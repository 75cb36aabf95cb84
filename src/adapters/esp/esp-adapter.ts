import type { Socket } from 'node:net';
import { type Metrics, RationedLog, type RootLogger } from '../../telemetry/index.js';
import {
  afterPoll,
  type BufferBudget,
  ConnectionError,
  type Descriptors,
  Listener,
  type ListenerSettings,
  type ListenerTls,
  listenerSettings,
  type Refusal,
  scheduleDrain,
} from '../../transport/index.js';
import { ReplyWriter } from '../../wire/index.js';
import { ClientConnection, type ConnectionLimits, type ServingContext } from './connection.js';
import { ConnectionMetrics } from './connection-metrics.js';

/** What a reload can change without a new listener. */
export interface EspAdapterSettings extends Omit<ServingContext, 'replies'> {
  readonly tls?: ListenerTls | undefined;
  readonly limits: ConnectionLimits & Pick<ListenerSettings, 'connections' | 'connectionsPerAddress'>;
}

export interface EspAdapterOptions extends EspAdapterSettings {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly logger: RootLogger;
  readonly metrics: Metrics;
  readonly budget: BufferBudget;
  readonly descriptors: Descriptors;
}

/** How often to check connections, at least, in ms. */
const CHECK_MS = 10_000;

/** Accepts ESP clients over TCP or TLS, and passes their requests to the dispatcher. */
export class EspAdapter {
  readonly #connections = new Set<ClientConnection>();
  readonly #budget: BufferBudget;
  readonly #log: RationedLog;
  readonly #connectionMetrics: ConnectionMetrics;
  readonly #listener: Listener;
  #context: ServingContext;
  #checkTimer: NodeJS.Timeout | undefined;
  /** Called when the last connection has closed. */
  #emptied: (() => void) | undefined;

  constructor(options: EspAdapterOptions) {
    const { host, port, descriptors } = options;
    this.#context = contextOf(options);
    this.#budget = options.budget;
    this.#log = new RationedLog(options.logger);
    this.#connectionMetrics = new ConnectionMetrics(options.metrics.scope(), this.#connections);
    this.#listener = new Listener(
      { host, port, descriptors, ...listenerSettings(options) },
      {
        connection: (socket, tcp) => this.#connect(socket, tcp),
        refused: (peer, why, refusal) => this.#refused(peer, why, refusal),
      },
    );
  }

  /** Starts to listen. @throws the error of `listen`, for example EADDRINUSE */
  async start(): Promise<void> {
    await this.#listener.open();
    this.#scheduleChecks();
  }

  /** Checks after a tenth of firstRequestMs, so that a silent connection lives a tenth longer at most. */
  #scheduleChecks(): void {
    clearTimeout(this.#checkTimer);
    const ms = Math.min(this.#context.limits.firstRequestMs / 10, CHECK_MS);
    const check = (): void => {
      const now = performance.now();
      for (const connection of this.#connections) connection.check(now);
      this.#checkTimer?.refresh();
    };
    this.#checkTimer = setTimeout(() => afterPoll(check), ms).unref();
  }

  /** Closes the port until `start` opens it again. Connections stay open. */
  pause(): void {
    this.#listener.pause();
  }

  /** Uses these settings for new connections and further requests. */
  use(settings: EspAdapterSettings): void {
    this.#listener.use(listenerSettings(settings));
    this.#context = contextOf(settings);
    for (const connection of this.#connections) connection.use(this.#context);
    this.#scheduleChecks();
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
    return this.#connections.size;
  }

  /** Accepts no more connections, and ends open ones within `drainMs`, each as soon as that loses nothing. */
  async drain(drainMs: number): Promise<void> {
    const closed = this.#listener.close();
    const each = (step: (connection: ClientConnection) => void) => (): void => this.#connections.forEach(step);
    each((connection) => connection.endWhenQuiet())();
    const stop = scheduleDrain(drainMs, {
      endWhenIdle: each((connection) => connection.endWhenIdle()),
      stopReading: each((connection) => connection.stopReading()),
      turnAway: each((connection) => connection.turnAway()),
      destroy: each((connection) => connection.destroy(stillOpen(drainMs))),
    });
    await this.#empty();
    stop();
    clearTimeout(this.#checkTimer);
    this.#checkTimer = undefined;
    await closed;
    this.#log.close();
    this.#connectionMetrics.close();
  }

  #empty(): Promise<void> {
    if (this.#connections.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#emptied = resolve;
    });
  }

  #connect(socket: Socket, tcp: Socket): void {
    const accepted = { socket, tcp, budget: this.#budget };
    const connection = new ClientConnection(accepted, this.#context, this.#log, (problem) => {
      this.#connections.delete(connection);
      this.#connectionMetrics.closed(connection, problem);
      if (this.#connections.size === 0) this.#emptied?.();
    });
    this.#connections.add(connection);
    this.#connectionMetrics.opened();
  }

  #refused(peer: string, why: string, refusal: Refusal): void {
    this.#connectionMetrics.refused(refusal);
    this.#log.ofConnection('warn', `refused: ${refusal}`, peer, `connection refused: ${why}`);
  }
}

const stillOpen = (drainMs: number): Error =>
  new ConnectionError('drain_timeout', `the client kept it open for ${drainMs} ms (limits.drainMs)`);

const contextOf = ({ dispatcher, charset, limits }: EspAdapterSettings): ServingContext => ({
  dispatcher,
  charset,
  replies: new ReplyWriter(charset, limits.messageBytes),
  limits,
});
