import type { LabelledGauge, Logger, Metrics, Secret } from 'esp-host';

export interface RedisSettings {
  /** `redis://host:6379/0`, or `rediss:` for TLS; without credentials. */
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: Secret | undefined;
  /** Authorities (PEM) to trust in place of Node's. */
  readonly ca?: string | undefined;
  /** In front of every key. */
  readonly keyPrefix: string;
  /** How long a command may take; one that takes longer counts the server as away. */
  readonly timeoutMs: number;
}

export type RedisClient = Awaited<ReturnType<typeof newClient>>;

/** The least time that it may take to connect: where a command may take longer, so may this. */
const CONNECT_MS = 1000;
/** How long after a loss it is tried again. */
const RETRY_MS = 1000;

/**
 * A Redis or Valkey server that several hosts share, and that may go away: then commands give undefined at once and
 * their callers go on alone, until the server is back. A server that does not answer in time counts as away too, so
 * that a moment later nobody waits for it.
 */
export class Redis {
  #client: RedisClient | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;
  /** What the last log line said. */
  #said: 'in use' | 'away' | undefined;
  readonly #up: LabelledGauge;

  constructor(
    private readonly settings: RedisSettings,
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    const help = 'Whether the Redis or Valkey server that hosts share is in use (1) or away (0)';
    this.#up = metrics.gauge('esp_shared_state_up', help);
  }

  /** Tries to connect; a server that is away is no error: it is tried again later. */
  async start(): Promise<void> {
    let client: RedisClient | undefined;
    try {
      client = await connectRedis(this.settings, (error) => this.#lost(client, error));
      if (this.#closed) return client.destroy();
      this.#client = client;
      this.#found();
    } catch (error) {
      this.#away(error as Error);
    }
  }

  /** What `command` gives; undefined where the server is away, or goes away with this command. */
  async run<T>(command: (client: RedisClient) => Promise<T>): Promise<T | undefined> {
    const client = this.#client;
    if (client === undefined) return undefined;
    try {
      return await within(this.settings.timeoutMs, command(client));
    } catch (error) {
      this.#lost(client, error as Error);
      return undefined;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    const client = this.#client;
    this.#client = undefined;
    if (client === undefined) return;
    // What was written without waiting for an answer is still to arrive.
    await within(this.settings.timeoutMs, client.close()).catch(() => undefined);
    client.destroy();
  }

  #lost(client: RedisClient | undefined, error: Error): void {
    if (client === undefined || client !== this.#client) return;
    this.#client = undefined;
    client.destroy();
    this.#away(error);
  }

  #found(): void {
    const address = addressOf(this.settings);
    this.#up.set(1);
    if (this.#said === 'away') this.logger.info(`redis ${address} is back: cache, limits and budgets are shared again`);
    else this.logger.info(`redis ${address} is in use: cache, limits and budgets are shared`);
    this.#said = 'in use';
  }

  #away(error: Error): void {
    this.#up.set(0);
    if (this.#closed) return;
    if (this.#said !== 'away') {
      const what = "until it is back, cache, limits and budgets are this host's alone";
      this.logger.warn(`redis ${addressOf(this.settings)} is away: ${what}: ${error.message}`);
    }
    this.#said = 'away';
    this.#retry = setTimeout(() => void this.start(), RETRY_MS);
    this.#retry.unref();
  }
}

/** For people: without what may be a secret. */
export const addressOf = ({ url }: RedisSettings): string => new URL(url).host;

/** A client that is connected, and whose server does all that is asked of it here. @throws Error: why not */
export async function connectRedis(settings: RedisSettings, lost: (error: Error) => void): Promise<RedisClient> {
  const connectMs = Math.max(CONNECT_MS, settings.timeoutMs);
  const client = await newClient(settings, connectMs);
  client.on('error', lost);
  try {
    await within(connectMs, client.connect());
    await within(connectMs, probe(client));
  } catch (error) {
    client.destroy();
    throw error;
  }
  return client;
}

/** A client that connects once, and queues nothing while it is not connected. */
async function newClient({ url, username, password, ca, keyPrefix }: RedisSettings, connectMs: number) {
  // Takes a seventh of a second to load: only those who use it wait for it.
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

/** Every kind of command that is used here. @throws Error where the server refuses one: full, a replica, no rights */
async function probe(client: RedisClient): Promise<void> {
  await client.eval("redis.call('TIME') return redis.call('SET', KEYS[1], '0', 'PX', 1000)", { keys: ['probe'] });
  await client.multi().incrBy('probe', 1).get('probe').exec();
}

/** @throws Error where it takes longer */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
