import { type LabelledGauge, type Logger, type Metrics, type Secret, withTimeout } from 'esp-host';

export interface RedisSettings {
  /** `redis://host:6379/0`, or `rediss:` for TLS, without credentials. */
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: Secret | undefined;
  /** Certificate authorities (PEM) to trust instead of Node's. */
  readonly ca?: string | undefined;
  /** Prefix of every key. */
  readonly keyPrefix: string;
  /** Timeout of a command. After a timeout, the server counts as down. */
  readonly timeoutMs: number;
}

export type RedisClient = Awaited<ReturnType<typeof newClient>>;

/** Timeout for connecting, unless that of a command is longer. */
const CONNECT_MS = 1000;
/** Pause before it reconnects. */
const RETRY_MS = 1000;

/**
 * A Redis or Valkey server that several hosts share. While it is down, commands return undefined at once, and callers
 * continue on their own. A server that does not answer in time counts as down too, so that later callers do not wait.
 */
export class Redis {
  #client: RedisClient | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;
  /** The state that the log reported last. */
  #logged: 'up' | 'down' | undefined;
  /** Whether the log has reported a rejected command since then. */
  #loggedRejection = false;
  readonly #up: LabelledGauge;

  constructor(
    private readonly settings: RedisSettings,
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    const help = 'Whether the Redis or Valkey server that hosts share is up (1) or down (0)';
    this.#up = metrics.gauge('esp_shared_state_up', help);
  }

  /** Connects. It never rejects: if the server is down, it tries again later. */
  async start(): Promise<void> {
    let client: RedisClient | undefined;
    try {
      client = await connectRedis(this.settings, (error) => this.#lost(client, error));
      if (this.#closed) return client.destroy();
      this.#client = client;
      this.#connected();
    } catch (error) {
      this.#disconnected(error as Error);
    }
  }

  /** Runs a command. Returns undefined if the server is down, or rejects the command, or fails during it. */
  async run<T>(command: (client: RedisClient) => Promise<T>): Promise<T | undefined> {
    const client = this.#client;
    if (client === undefined) return undefined;
    try {
      return await withTimeout(command(client), this.settings.timeoutMs);
    } catch (error) {
      if (await this.#onlyRejects(client, error)) this.#rejected(error as Error);
      else this.#lost(client, error as Error);
      return undefined;
    }
  }

  /** Whether the server rejects this command, for instance for lack of a permission, but supports the others. */
  async #onlyRejects(client: RedisClient, error: unknown): Promise<boolean> {
    const { ErrorReply } = await import('@redis/client');
    if (!(error instanceof ErrorReply) || client !== this.#client) return false;
    return withTimeout(probe(client), this.settings.timeoutMs).then(
      () => true,
      () => false,
    );
  }

  #rejected(error: Error): void {
    if (this.#loggedRejection) return;
    this.#loggedRejection = true;
    const what = 'this host does not share what needs it';
    this.logger.warn(`redis ${addressOf(this.settings)} rejects a command: ${what}: ${error.message}`);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    const client = this.#client;
    this.#client = undefined;
    if (client === undefined) return;
    // Commands whose result is ignored may still be in flight.
    await withTimeout(client.close(), this.settings.timeoutMs).catch(() => undefined);
    client.destroy();
  }

  #lost(client: RedisClient | undefined, error: Error): void {
    if (client === undefined || client !== this.#client) return;
    this.#client = undefined;
    client.destroy();
    this.#disconnected(error);
  }

  #connected(): void {
    const address = addressOf(this.settings);
    this.#up.set(1);
    if (this.#logged === 'down')
      this.logger.info(`redis ${address} is back: cache, limits and budgets are shared again`);
    else this.logger.info(`redis ${address} is in use: cache, limits and budgets are shared`);
    this.#logged = 'up';
    this.#loggedRejection = false;
  }

  #disconnected(error: Error): void {
    this.#up.set(0);
    if (this.#closed) return;
    if (this.#logged !== 'down') {
      const what = 'until it is back, this host shares no cache, limits and budgets';
      this.logger.warn(`redis ${addressOf(this.settings)} is down: ${what}: ${error.message}`);
    }
    this.#logged = 'down';
    this.#retry = setTimeout(() => void this.start(), RETRY_MS);
    this.#retry.unref();
  }
}

/** Host and port, for messages: the rest of the URL may be confidential. */
export const addressOf = ({ url }: RedisSettings): string => new URL(url).host;

/** Connects, and checks that the server supports the commands of this plugin. @throws Error */
export async function connectRedis(settings: RedisSettings, lost: (error: Error) => void): Promise<RedisClient> {
  const connectMs = Math.max(CONNECT_MS, settings.timeoutMs);
  const client = await newClient(settings, connectMs);
  client.on('error', lost);
  try {
    await withTimeout(client.connect(), connectMs);
    await withTimeout(probe(client), connectMs);
  } catch (error) {
    client.destroy();
    throw error;
  }
  return client;
}

/** A client that connects once, and queues no commands while it is disconnected. */
async function newClient({ url, username, password, ca, keyPrefix }: RedisSettings, connectMs: number) {
  // Takes 150 ms to load: only if it is used.
  const { createClient } = await import('@redis/client');
  const tls = ca === undefined ? {} : { tls: true, ca };
  return createClient({
    url,
    keyPrefix,
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: 'disabled',
    socket: { reconnectStrategy: false, connectTimeout: connectMs, ...tls } as object,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: password.reveal() }),
  });
}

/** Runs each kind of command. @throws Error if the server rejects one: it is full, a replica, or denies permission */
async function probe(client: RedisClient): Promise<void> {
  await client.eval("redis.call('TIME') return redis.call('SET', KEYS[1], '0', 'PX', 1000)", { keys: ['probe'] });
  await client.multi().incrBy('probe', 1).get('probe').exec();
}
