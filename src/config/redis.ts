import { z } from 'zod';
import { hasNoCredentials, pemFile, secret } from './values.js';

const REDIS_URL = 'must be a redis or rediss URL, such as redis://redis.example:6379';
const NO_CREDENTIALS = 'must hold no user name or password: write them as username and password';

const redisUrl = z
  .url({ protocol: /^rediss?$/, error: REDIS_URL })
  .refine((url) => URL.parse(url)?.hostname !== '', REDIS_URL)
  .refine(hasNoCredentials, NO_CREDENTIALS);

/**
 * How to reach a Redis or Valkey server.
 * @param timeoutMs the default timeout of a command
 */
export const redisSettings = (timeoutMs = 200) =>
  z
    .strictObject({
      url: redisUrl,
      username: z.string().optional(),
      password: secret().optional(),
      /** Certificate authorities (PEM) to trust instead of Node's. */
      ca: pemFile().optional(),
      keyPrefix: z.string().default('esp-host:'),
      timeoutMs: z.int().min(1).max(60_000).default(timeoutMs),
    })
    .refine(({ url, ca }) => ca === undefined || url.startsWith('rediss:'), {
      path: ['ca'],
      error: 'is for TLS: write the URL with rediss:',
    });
