import type { LabelledGauge, Logger } from '../telemetry/index.js';
import {
  connectRedis,
  probeUsual,
  type RedisClient,
  type RedisProbe,
  type RedisSettings,
  redisAddress,
  redisPackage,
  within,
} from './client.js';
import { RedisError } from './errors.js';

/** What a server is used for, and who reports it. */
export interface RedisUse {
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** Set to 1 while the server is up, and to 0 while it is down. */
  readonly up: LabelledGauge;
  /** Ends of log lines: after "is in use: ", "is back: ", "is down: " and "rejects a command: ". */
  readonly says: Readonly<Record<'inUse' | 'back' | 'down' | 'rejects', string>>;
  /** @default runs GET, SET, INCRBY, EVAL, TIME and MULTI */
  readonly probe?: RedisProbe;
}

/** Pause before it reconnects. */
const RETRY_MS = 1000;

/**
 * A Redis or Valkey server. While it is down, commands fail at once. A server that does not answer in time counts as down
 * too, so that later callers do not wait. It reconnects by itself.
 */
export class Redis {
  #client: RedisClient | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;
  /** The state that the log reported last. */
  #logged: 'up' | 'down' | undefined;
  /** Whether the log has reported a rejected command since then. */
  #loggedRejection = false;
  #why: Error | undefined;

  constructor(
    private readonly settings: RedisSettings,
    private readonly use: RedisUse,
  ) {}

  /** Connects. It never rejects: if the server is down, it tries again later. */
  async start(): Promise<void> {
    let client: RedisClient | undefined;
    try {
      client = await connectRedis(this.settings, (error) => this.#lost(client, error), this.use.probe);
      if (this.#closed) return client.destroy();
      this.#client = client;
      this.#connected();
    } catch (error) {
      this.#disconnected(error as Error);
    }
  }

  /** Why the server is down; undefined if it is up. */
  get problem(): Error | undefined {
    return this.#why;
  }

  /** Runs a command. Returns undefined if the server is down, or rejects the command, or fails during it. */
  async run<T>(command: (client: RedisClient) => Promise<T>): Promise<T | undefined> {
    return this.#client === undefined ? undefined : this.call(command).catch(() => undefined);
  }

  /** Runs a command. @throws RedisError if the server is down, or rejects the command, or fails during it */
  async call<T>(command: (client: RedisClient) => Promise<T>): Promise<T> {
    const client = this.#client;
    if (client === undefined) throw new RedisError('ESP_REDIS_DOWN', this.#why?.message ?? 'it is not connected');
    try {
      return await within(command(client), this.settings.timeoutMs);
    } catch (error) {
      throw await this.#failed(client, error as Error);
    }
  }

  async #failed(client: RedisClient, error: Error): Promise<RedisError> {
    if (await this.#onlyRejects(client, error)) {
      this.#rejected(error);
      return new RedisError('ESP_REDIS_REJECTED', error.message);
    }
    this.#lost(client, error);
    return error instanceof RedisError ? error : new RedisError('ESP_REDIS_DOWN', error.message);
  }

  /** Whether the server rejects this command, for instance for lack of a permission, but supports the others. */
  async #onlyRejects(client: RedisClient, error: unknown): Promise<boolean> {
    const { ErrorReply } = await redisPackage();
    if (!(error instanceof ErrorReply) || client !== this.#client) return false;
    const { probe = probeUsual } = this.use;
    return within(probe(client), this.settings.timeoutMs).then(
      () => true,
      () => false,
    );
  }

  #rejected(error: Error): void {
    if (this.#loggedRejection) return;
    this.#loggedRejection = true;
    const { logger, says } = this.use;
    logger.warn(`redis ${redisAddress(this.settings)} rejects a command: ${says.rejects}: ${error.message}`);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    const client = this.#client;
    this.#client = undefined;
    if (client === undefined) return;
    // Commands whose result is ignored may still be in flight.
    await within(client.close(), this.settings.timeoutMs).catch(() => undefined);
    client.destroy();
  }

  #lost(client: RedisClient | undefined, error: Error): void {
    if (client === undefined || client !== this.#client) return;
    this.#client = undefined;
    client.destroy();
    this.#disconnected(error);
  }

  #connected(): void {
    const { up, logger, says } = this.use;
    const address = redisAddress(this.settings);
    up.set(1);
    this.#why = undefined;
    if (this.#logged === 'down') logger.info(`redis ${address} is back: ${says.back}`);
    else logger.info(`redis ${address} is in use: ${says.inUse}`);
    this.#logged = 'up';
    this.#loggedRejection = false;
  }

  #disconnected(error: Error): void {
    const { up, logger, says } = this.use;
    up.set(0);
    this.#why = error;
    if (this.#closed) return;
    if (this.#logged !== 'down')
      logger.warn(`redis ${redisAddress(this.settings)} is down: ${says.down}: ${error.message}`);
    this.#logged = 'down';
    this.#retry = setTimeout(() => void this.start(), RETRY_MS);
    this.#retry.unref();
  }
}
