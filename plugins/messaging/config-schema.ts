import { type Channel, defineChannel, e164, nearest, pemFile, secret, z } from 'esp-host';
import { PhoneNumbers } from './phone-numbers.js';

const NO_CREDENTIALS = 'must hold no user name or password: write them as username and password';

function hasNoCredentials(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed === null || (parsed.username === '' && parsed.password === '');
}

/** The address of an API: http or https, with an optional path. */
const apiUrl = () =>
  z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL, such as https://whatsapp.example:9090' })
    .refine(hasNoCredentials, NO_CREDENTIALS)
    .transform((url) => url.replace(/\/+$/, ''));

/** At most 24 days, the limit of a timer. */
const milliseconds = (least: number, fallback: number) => z.int().min(least).max(0x7fffffff).default(fallback);

const count = (most: number, fallback: number) => z.int().min(1).max(most).default(fallback);

/** Combines numbers that are requested within a moment into one call. */
const batch = z.strictObject({
  size: count(1000, 100),
  waitMs: z.int().min(0).max(1000).default(5),
});

const YEAR_MS = 366 * 24 * 3_600_000;
const lifetime = (fallback: number) => z.int().min(0).max(YEAR_MS).default(fallback);

/** How long answers are reused. 0: not at all. */
const cache = z.strictObject({
  confirmedMs: lifetime(24 * 3_600_000),
  unconfirmedMs: lifetime(3_600_000),
  size: z.int().min(0).max(10_000_000).default(50_000),
});

/** A bulkhead: the share of the host that one channel may take. */
const calls = z.strictObject({ atOnce: count(1000, 8), queued: count(1_000_000, 500) });

const breaker = z.strictObject({ failures: count(1000, 5), probeAfterMs: milliseconds(1, 10_000) });

/** Unlimited by default. */
const limits = z.strictObject({
  callsPerSecond: z.int().min(1).optional(),
  lookupsPerDay: z.int().min(1).optional(),
  warnAt: z.number().min(0).max(1).default(0.8),
  whenSpent: z.enum(['fault', 'empty']).default('fault'),
});

/** Settings of every driver that calls an API. */
const remote = {
  url: apiUrl(),
  /** Certificate authorities (PEM) to trust instead of Node's, for instance that of a self-signed certificate. */
  ca: pemFile().optional(),
  /** Timeout of a call. */
  timeoutMs: milliseconds(1, 5000),
  /** How to answer if the API client calls every number valid, as version 2.43 and later do. */
  whenAlwaysValid: z.enum(['trust', 'empty', 'fault']).default('trust'),
  batch: batch.prefault({}),
  cache: cache.prefault({}),
  calls: calls.prefault({}),
  breaker: breaker.prefault({}),
  limits: limits.prefault({}),
};

const onPremises = z.strictObject({
  driver: z.literal('on-premises'),
  username: z.string(),
  password: secret(),
  ...remote,
});

const gateway = z.strictObject({
  driver: z.literal('gateway'),
  apiKey: secret(),
  /** The header for the key. */
  header: z
    .string()
    .regex(/^[\w-]+$/, 'must be the name of an HTTP header')
    .default('D360-API-KEY'),
  ...remote,
});

const numberPlan = z.strictObject({ driver: z.literal('number-plan') });

/** A notification template that WhatsApp approved. (Meta, On-Premises API reference, Messages, template object) */
const template = z.strictObject({
  namespace: z.string().min(1, 'must be the namespace that WhatsApp Manager shows'),
  name: z.string().regex(/^[a-z0-9_]+$/, 'must be the name of a template: lowercase letters, digits and underscores'),
  language: z.strictObject({
    code: z.string().regex(/^[a-z]{2,3}(_[A-Z]{2})?$/, 'must be a language code of WhatsApp, such as en or en_US'),
    policy: z.enum(['deterministic', 'fallback']).default('deterministic'),
  }),
  /** The texts for {{1}}, {{2}}, ... in its body. */
  parameters: z.array(z.string().min(1, 'must not be empty: WhatsApp rejects empty texts')).default([]),
});

/** What ChatService.InviteToChat sends. */
const invitations = z
  .strictObject({
    /** By StandardResponseId. */
    templates: z.record(z.string().min(1), template),
    /** The StandardResponseId of requests without one. */
    default: z.string().optional(),
  })
  .superRefine(({ templates, default: id }, context) => {
    if (id === undefined || Object.hasOwn(templates, id)) return;
    const known = Object.keys(templates);
    const meant = nearest(id, known);
    const hint = meant === undefined ? `there are: ${known.join(', ') || 'none'}` : `did you mean ${meant}?`;
    context.addIssue({ code: 'custom', path: ['default'], message: `must be one of the templates; ${hint}` });
  });

/** A channel of type `whatsapp`. */
export const whatsAppChannel = defineChannel(
  z.strictObject({
    type: z.literal('whatsapp'),
    phoneNumber: e164().refine(
      PhoneNumbers.knows,
      'must be a number that can exist: its country code and length do not',
    ),
    contacts: z.discriminatedUnion('driver', [onPremises, gateway, numberPlan]),
    invitations: invitations.optional(),
  }),
);

export type WhatsAppSettings = z.output<typeof whatsAppChannel.schema>;
/** A channel of config.yaml of type `whatsapp`. */
export type ConfiguredChannel = Channel<WhatsAppSettings>;
/** Settings of a driver that calls an API. */
export type RemoteSettings = z.output<typeof onPremises> | z.output<typeof gateway>;
export type Template = z.output<typeof template>;
export type AlwaysValidPolicy = RemoteSettings['whenAlwaysValid'];

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
