import type { Socket } from 'node:net';
import { type Metrics, RationedLog, type RootLogger } from '../../telemetry/index.js';
import {
  afterPoll,
  type BufferBudget,
  ConnectionProblem,
  type Descriptors,
  drainIn,
  Listener,
  type ListenerSettings,
  type ListenerTls,
  type Refusal,
} from '../../transport/index.js';
import { ReplyWriter } from '../../wire/index.js';
import { type ConnectionLimits, EspConnection, type Service } from './connection.js';
import { ConnectionMetrics } from './connection-metrics.js';

/** What a reload may change without another listener. */
export interface EspAdapterSettings extends Omit<Service, 'replies'> {
  readonly tls?: ListenerTls | undefined;
  readonly limits: ConnectionLimits & Pick<ListenerSettings, 'connections' | 'connectionsPerAddress'>;
}

export interface EspAdapterOptions extends EspAdapterSettings {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly logger: RootLogger;
  readonly metrics: Metrics;
  readonly budget: BufferBudget;
  readonly descriptors: Descriptors;
}

/** How often connections are checked, in ms. */
const CHECK_MS = 10_000;

/** The real host adapter: takes ESP clients over TCP or TLS and gives their requests to the dispatcher. */
export class EspAdapter {
  readonly #connections = new Set<EspConnection>();
  readonly #budget: BufferBudget;
  readonly #log: RationedLog;
  readonly #measured: ConnectionMetrics;
  readonly #listener: Listener;
  #service: Service;
  #checkTimer: NodeJS.Timeout | undefined;
  #emptied: (() => void) | undefined;

  constructor(options: EspAdapterOptions) {
    const { host, port, descriptors } = options;
    this.#service = serviceOf(options);
    this.#budget = options.budget;
    this.#log = new RationedLog(options.logger);
    this.#measured = new ConnectionMetrics(options.metrics.scope(), this.#connections);
    this.#listener = new Listener(
      { host, port, descriptors, ...listenerSettings(options) },
      {
        connection: (socket, tcp) => this.#connect(socket, tcp),
        refused: (peer, why, refusal) => this.#refused(peer, why, refusal),
      },
    );
  }

  /** Takes connections. @throws the error of `listen`, for instance EADDRINUSE */
  async start(): Promise<void> {
    await this.#listener.open();
    this.#checkLater();
  }

  /** A tenth of the time makes it a tenth too long at most. */
  #checkLater(): void {
    clearTimeout(this.#checkTimer);
    const ms = Math.min(this.#service.limits.firstRequestMs / 10, CHECK_MS);
    const check = (): void => {
      const now = performance.now();
      for (const connection of this.#connections) connection.check(now);
      this.#checkTimer?.refresh();
    };
    this.#checkTimer = setTimeout(() => afterPoll(check), ms).unref();
  }

  /** Gives the port up, until `start` takes it again; connections stay. */
  pause(): void {
    this.#listener.pause();
  }

  /** From now on requests are served, and connections taken, with this. */
  use(settings: EspAdapterSettings): void {
    this.#listener.use(listenerSettings(settings));
    this.#service = serviceOf(settings);
    for (const connection of this.#connections) connection.use(this.#service);
    this.#checkLater();
  }

  /** Where it was asked to listen. */
  get asked(): { readonly host: string; readonly port: number } {
    return this.#listener.asked;
  }

  get host(): string {
    return this.#listener.host;
  }

  /** The port that it listens on. */
  get port(): number {
    return this.#listener.port;
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** Takes no new connections, and ends those that are open within `drainMs`, each as soon as that loses nothing. */
  async drain(drainMs: number): Promise<void> {
    const closed = this.#listener.close();
    const each = (step: (connection: EspConnection) => void) => (): void => this.#connections.forEach(step);
    each((connection) => connection.endWhenQuiet())();
    const stop = drainIn(drainMs, {
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
    this.#measured.close();
  }

  #empty(): Promise<void> {
    if (this.#connections.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#emptied = resolve;
    });
  }

  #connect(socket: Socket, tcp: Socket): void {
    const taken = { socket, tcp, budget: this.#budget };
    const connection = new EspConnection(taken, this.#service, this.#log, (problem) => {
      this.#connections.delete(connection);
      this.#measured.closed(connection, problem);
      if (this.#connections.size === 0) this.#emptied?.();
    });
    this.#connections.add(connection);
    this.#measured.opened();
  }

  #refused(peer: string, why: string, refusal: Refusal): void {
    this.#measured.refused(refusal);
    this.#log.ofConnection('warn', `refused: ${refusal}`, peer, `connection refused: ${why}`);
  }
}

const listenerSettings = ({ limits, tls }: EspAdapterSettings): ListenerSettings => ({
  connections: limits.connections,
  connectionsPerAddress: limits.connectionsPerAddress,
  handshakeMs: limits.frameMs,
  ...(tls === undefined ? {} : { tls }),
});

const stillOpen = (drainMs: number): Error =>
  new ConnectionProblem('drain_timeout', `the client left it open for ${drainMs} ms (limits.drainMs)`);

const serviceOf = ({ dispatcher, charset, limits }: EspAdapterSettings): Service => ({
  dispatcher,
  charset,
  replies: new ReplyWriter(charset, limits.messageBytes),
  limits,
});
