import { type ClientTls, ConnectError, EspConnection } from '../../client/index.js';
import { type Charset, decodeBody } from '../../wire/index.js';
import { CommandError } from '../errors.js';
import { type Address, MESSAGE_BYTES } from '../options.js';
import type { Answer } from './differences.js';

export interface ComparedServerOptions {
  /** `--a` or `--b`. */
  readonly option: string;
  readonly address: Address;
  readonly tls?: ClientTls | undefined;
  readonly charset: Charset;
  /** For each connection and reply. */
  readonly timeoutMs: number;
}

/** Sends recorded bodies to a server, on one connection that is reopened after a loss. */
export class ComparedServer {
  #connection: Promise<EspConnection> | undefined;

  constructor(private readonly options: ComparedServerOptions) {}

  /** @throws CommandError that names the server */
  async connect(): Promise<void> {
    await this.#connected();
  }

  /** The reply, or why it is missing. @throws CommandError if the server cannot be reached */
  async ask(body: Buffer): Promise<Answer> {
    const { timeoutMs, charset } = this.options;
    const connection = await this.#connected();
    return new Promise((resolve) => {
      const own = connection.send(body, (referenceId) => ({
        referenceId,
        answered: (reply) => settle(decoded(reply, charset)),
        lost: (error) => settle(error.message),
      }));
      const timer = setTimeout(() => {
        if (own !== undefined) connection.forget(own);
        settle(`timed out after ${timeoutMs} ms`);
      }, timeoutMs);
      const settle = (answer: Answer): void => {
        clearTimeout(timer);
        resolve(answer);
      };
    });
  }

  async close(): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined);
    connection?.close();
  }

  #connected(): Promise<EspConnection> {
    this.#connection ??= this.#open();
    return this.#connection;
  }

  async #open(): Promise<EspConnection> {
    const { option, address, tls, timeoutMs } = this.options;
    const limits = { connectTimeoutMs: timeoutMs, messageBytes: MESSAGE_BYTES, frameMs: timeoutMs };
    const closed = (): void => {
      this.#connection = undefined;
    };
    try {
      return await EspConnection.open({ ...address, ...limits, ...(tls === undefined ? {} : { tls }) }, { closed });
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error;
      const advice = `start that server, or set ${option}`;
      throw new CommandError(`${option}: ${error.message}; ${advice}`, { cause: error });
    }
  }
}

function decoded(body: Buffer, charset: Charset): Answer {
  try {
    return decodeBody(body, 0, body.length, charset);
  } catch (error) {
    return `malformed reply: ${(error as Error).message}`;
  }
}
