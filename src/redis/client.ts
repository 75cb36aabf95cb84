import type { RedisClientType } from '@redis/client';
import type { Secret } from '../config/index.js';
import { inTime } from '../telemetry/index.js';
import { RedisError } from './errors.js';

/** How to reach a Redis or Valkey server, as {@link redisSettings} parses it. */
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

/** A client of `@redis/client` that prefixes every key. */
export type RedisClient = RedisClientType;

/** Checks that the server supports what its user needs. @throws Error */
export type RedisProbe = (client: RedisClient) => Promise<void>;

/** Timeout for connecting, unless that of a command is longer. */
const CONNECT_MS = 1000;

/** Host and port of a server, for messages. The rest of its URL may be confidential. */
export const redisAddress = ({ url }: Pick<RedisSettings, 'url'>): string => new URL(url).host;

/**
 * Connects to a Redis or Valkey server once, and checks that it supports the usual commands.
 * @param lost called when the connection breaks
 * @throws Error
 */
export async function connectRedis(
  settings: RedisSettings,
  lost: (error: Error) => void,
  probe: RedisProbe = probeUsual,
): Promise<RedisClient> {
  const connectMs = Math.max(CONNECT_MS, settings.timeoutMs);
  const client = await newClient(settings, connectMs);
  client.on('error', lost);
  try {
    await within(client.connect(), connectMs);
    await within(probe(client), connectMs);
  } catch (error) {
    client.destroy();
    throw error;
  }
  return client;
}

/** Takes 150 ms to load: only if it is used. The bundle of a CommonJS package has a default export alone. */
export const redisPackage = async () => (await import('@redis/client')).default;

/** A client that connects once, and queues no commands while it is disconnected. */
async function newClient(
  { url, username, password, ca, keyPrefix }: RedisSettings,
  connectMs: number,
): Promise<RedisClient> {
  const { createClient } = await redisPackage();
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
export async function probeUsual(client: RedisClient): Promise<void> {
  await client.eval("redis.call('TIME') return redis.call('SET', KEYS[1], '0', 'PX', 1000)", { keys: ['probe'] });
  await client.multi().incrBy('probe', 1).get('probe').exec();
}

/** @throws RedisError after `ms`, or what `work` throws */
export const within = <T>(work: Promise<T>, ms: number): Promise<T> =>
  inTime(work, ms, () => new RedisError('ESP_REDIS_TIMEOUT', `timed out after ${ms} ms`));
