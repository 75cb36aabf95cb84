import { pemFile, secret, z } from 'esp-host';
import { hasNoCredentials, NO_CREDENTIALS } from './values.js';

const REDIS_URL = 'must be a redis or rediss URL, such as redis://redis.example:6379';

const redisUrl = z
  .url({ protocol: /^rediss?$/, error: REDIS_URL })
  .refine((url) => URL.parse(url)?.hostname !== '', REDIS_URL)
  .refine(hasNoCredentials, NO_CREDENTIALS);

/** Where several hosts share their cache, rate limits and budgets. */
const redis = z
  .strictObject({
    url: redisUrl,
    username: z.string().optional(),
    password: secret().optional(),
    /** Certificate authorities (PEM) to trust instead of Node's. */
    ca: pemFile().optional(),
    keyPrefix: z.string().default('esp-host:'),
    timeoutMs: z.int().min(1).max(60_000).default(200),
  })
  .refine(({ url, ca }) => ca === undefined || url.startsWith('rediss:'), {
    path: ['ca'],
    error: 'is for TLS: write the URL with rediss:',
  });

/** `options` of the plugin in config.yaml. */
export const messagingOptions = z.strictObject({ sharedState: z.strictObject({ redis }).optional() });

export type MessagingOptions = z.output<typeof messagingOptions>;
