import type { Logger } from 'esp-host';
import { type ClientTls, EspConnection, type PendingReply } from 'esp-host/client';
import { type Address, type Application, addressText } from '../configuration/index.js';
import { FRAME_MS, MESSAGE_BYTES } from '../limits.js';
import type { RelayedUnder } from './observer.js';
import type { Connectable } from './router.js';

const CONNECT_TIMEOUT_MS = 5000;

/** An application, and how Interaction Server reaches it. */
export interface ConnectedApplication extends Application {
  /** Connect with TLS; PEM texts. */
  readonly tls?: ClientTls | undefined;
}

/** A request that is under way. */
export interface Asked {
  readonly under: RelayedUnder | undefined;
  readonly forget: () => void;
}

/** Interaction Server's connection to one application: made in the background, and made anew whenever it is lost. */
export class ApplicationLink implements Connectable {
  readonly name: string;
  readonly type: number;
  readonly typeName: string | undefined;
  readonly #tls: ClientTls | undefined;
  #connection: EspConnection | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;
  #complained = false;

  constructor(
    private readonly application: ConnectedApplication,
    private readonly reconnectMs: number,
    private readonly logger: Logger,
  ) {
    this.name = application.name;
    this.type = application.type;
    this.typeName = application.typeName;
    this.#tls = application.tls;
  }

  /** Of the next connection. */
  get address(): Address {
    return this.application.address;
  }

  get connected(): boolean {
    return this.#connection !== undefined;
  }

  /** Interaction Server's own end of the connection. */
  get local(): Address | undefined {
    return this.#connection?.local;
  }

  /** Resolves when the first attempt is over, whichever way it ended; the others follow by themselves. */
  async open(): Promise<void> {
    try {
      const connection = await EspConnection.open(this.#options(), {
        unmatched: () => this.logger.debug(`${this.name} sent a message that nothing waits for`),
        closed: (problem) => this.#lost(problem),
      });
      this.#opened(connection);
    } catch (error) {
      this.#failed(error as Error);
    }
  }

  /** Sends the body of a request; a reply has its ReferenceId. @returns what it goes under, and what ends the wait */
  ask(body: Buffer, waiting: Omit<PendingReply, 'referenceId'>): Asked {
    const connection = this.#connection;
    const own = connection?.send(body, (referenceId) => ({ referenceId, ...waiting }));
    if (connection === undefined || own === undefined) return { under: undefined, forget: () => undefined };
    return { under: { local: connection.local, referenceId: own }, forget: () => connection.forget(own) };
  }

  /** Ends the connection; what waits is lost. */
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
    this.#complained = false;
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

  /** A server that is not up yet leaves one line, not one an attempt. */
  #failed(error: Error): void {
    if (this.#closed) return;
    if (!this.#complained) this.logger.warn(`no connection to ${this.name} yet: ${error.message}`);
    this.#complained = true;
    this.#retryLater();
  }

  #retryLater(): void {
    this.#retry = setTimeout(() => void this.open(), this.reconnectMs);
  }
}
