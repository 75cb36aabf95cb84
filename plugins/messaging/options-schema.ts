import { pemFile, secret, z } from 'esp-host';

const URL_WRONG = 'must be a redis or rediss URL, such as redis://redis.example:6379';

const redisUrl = z
  .url({ protocol: /^rediss?$/, error: URL_WRONG })
  .refine((url) => URL.parse(url)?.hostname !== '', URL_WRONG)
  .refine(hasNoCredentials, 'must hold no user name or password: write them as username and password');

function hasNoCredentials(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed === null || (parsed.username === '' && parsed.password === '');
}

/** Where several hosts share what they know of contacts, and what they may still ask. */
const redis = z
  .strictObject({
    url: redisUrl,
    username: z.string().optional(),
    password: secret().optional(),
    /** Authorities (PEM) to trust in place of Node's. */
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
