import type { Logger } from 'esp-host';
import { type ClientTls, EspConnection, type PendingReply } from '#wire';
import { type Address, type Application, addressText } from '../configuration/index.js';
import { FRAME_MS, MESSAGE_BYTES } from '../limits.js';
import type { RelayedUnder } from './observer.js';
import type { RequestWindow } from './request-window.js';
import type { Connectable } from './router.js';

const CONNECT_TIMEOUT_MS = 5000;

/** An application that Interaction Server connects to. */
export interface ConnectedApplication extends Application {
  /** TLS settings, as PEM texts. Without them, the connection is plain TCP. */
  readonly tls?: ClientTls | undefined;
}

/** A request that was sent. */
export interface SentRequest {
  /** Undefined if the application is not connected. */
  readonly under: RelayedUnder | undefined;
  /** Ignores the reply from now on. */
  readonly forget: () => void;
}

/** Interaction Server's connection to one application. Connects in the background, and reconnects when it is lost. */
export class ApplicationLink implements Connectable {
  readonly name: string;
  readonly type: number;
  readonly typeName: string | undefined;
  readonly #tls: ClientTls | undefined;
  #connection: EspConnection | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;
  #failureLogged = false;

  constructor(
    private readonly application: ConnectedApplication,
    /** Bounds the requests that get a reply. */
    readonly window: RequestWindow,
    private readonly reconnectMs: number,
    private readonly logger: Logger,
  ) {
    this.name = application.name;
    this.type = application.type;
    this.typeName = application.typeName;
    this.#tls = application.tls;
  }

  /** The address for the next connection attempt. */
  get address(): Address {
    return this.application.address;
  }

  get connected(): boolean {
    return this.#connection !== undefined;
  }

  /** The local address of the connection. */
  get local(): Address | undefined {
    return this.#connection?.local;
  }

  /** Resolves after the first attempt, successful or not. Retries in the background. */
  async open(): Promise<void> {
    try {
      const connection = await EspConnection.open(this.#options(), {
        unmatched: () => this.logger.debug(`${this.name} sent a message that matches no pending request`),
        closed: (problem) => this.#lost(problem),
      });
      this.#opened(connection);
    } catch (error) {
      this.#failed(error as Error);
    }
  }

  /** Sends the body of a request under a new ReferenceId, and restores the original one in the reply. */
  send(body: Buffer, pending: Omit<PendingReply, 'referenceId'>): SentRequest {
    const connection = this.#connection;
    const lost = (error: Error): void => {
      if (this.#connection === connection) this.#connection = undefined;
      pending.lost(error);
    };
    const sentAs = connection?.send(body, (referenceId) => ({ referenceId, answered: pending.answered, lost }));
    if (connection === undefined || sentAs === undefined) return { under: undefined, forget: () => undefined };
    return { under: { local: connection.local, referenceId: sentAs }, forget: () => connection.forget(sentAs) };
  }

  /** Closes the connection. Pending requests are lost. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#connection?.close();
  }

  #options() {
    const tls = this.#tls === undefined ? {} : { tls: this.#tls };
    return {
      ...this.address,
      ...tls,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      messageBytes: MESSAGE_BYTES,
      frameMs: FRAME_MS,
    };
  }

  #opened(connection: EspConnection): void {
    if (this.#closed) {
      connection.close();
      return;
    }
    this.#connection = connection;
    this.#failureLogged = false;
    this.logger.info(`connected to ${this.name}`, { address: addressText(this.address) });
  }

  #lost(problem: Error | undefined): void {
    this.#connection = undefined;
    if (this.#closed) return;
    this.logger.warn(`the connection to ${this.name} was lost: ${problem?.message ?? 'closed'}`, {
      address: addressText(this.address),
    });
    this.#retryLater();
  }

  /** Logs only the first of several failed attempts. */
  #failed(error: Error): void {
    if (this.#closed) return;
    if (!this.#failureLogged) this.logger.warn(`no connection to ${this.name} yet: ${error.message}`);
    this.#failureLogged = true;
    this.#retryLater();
  }

  #retryLater(): void {
    this.#retry = setTimeout(() => void this.open(), this.reconnectMs);
  }
}
