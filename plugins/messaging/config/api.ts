import { pemFile, secret, z } from 'esp-host';
import { DEFAULT_VERSION } from './graph-versions.js';
import { count, hasNoCredentials, milliseconds, NO_CREDENTIALS } from './values.js';

/** The address of an API: http or https, with an optional path. */
const apiUrl = () =>
  z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL, such as https://whatsapp.example:9090' })
    .refine(hasNoCredentials, NO_CREDENTIALS)
    .transform((url) => url.replace(/\/+$/, ''));

/** Anyone could sign with an empty secret, or present it, and no API accepts one. */
const filledSecret = () => secret().refine((given) => /\S/.test(given.reveal()), 'must not be empty');

/** A bulkhead: the share of the host that one channel may take. */
const calls = z.strictObject({ atOnce: count(1000, 8), queued: count(1_000_000, 500) });

const breaker = z.strictObject({ failures: count(1000, 5), probeAfterMs: milliseconds(1, 10_000) });

/** The API of a channel: where it sends, and with which credentials. */
const server = {
  url: apiUrl(),
  /** Certificate authorities (PEM) to trust instead of Node's, for instance that of a self-signed certificate. */
  ca: pemFile().optional(),
  /** Timeout of a call. */
  timeoutMs: milliseconds(1, 5000),
  calls: calls.prefault({}),
  breaker: breaker.prefault({}),
};

export const onPremises = z.strictObject({
  driver: z.literal('on-premises'),
  username: z.string(),
  password: filledSecret(),
  ...server,
});

export const gateway = z.strictObject({
  driver: z.literal('gateway'),
  apiKey: filledSecret(),
  /** The header for the key. */
  header: z
    .string()
    .regex(/^[\w-]+$/, 'must be the name of an HTTP header')
    .default('D360-API-KEY'),
  ...server,
});

const id = (of: string) =>
  z.string({ error: `must be ${of}: digits in quotes` }).regex(/^\d{1,32}$/, `must be ${of}: digits alone`);

/** Cloud API of Meta. */
const cloud = z.strictObject({
  driver: z.literal('cloud'),
  ...server,
  url: apiUrl().default('https://graph.facebook.com'),
  /** Of the Graph API. */
  version: z
    .string()
    .regex(/^v\d{1,3}\.\d$/, `must be a version of the Graph API, such as ${DEFAULT_VERSION}`)
    .default(DEFAULT_VERSION),
  phoneNumberId: id('the id of the phone number, as WhatsApp Manager shows it'),
  businessAccountId: id('the id of the WhatsApp Business Account, as WhatsApp Manager shows it'),
  /** Of a system user. */
  token: filledSecret(),
  /** For webhooks. */
  appSecret: filledSecret().optional(),
  verifyToken: filledSecret().optional(),
  /** What a template that WhatsApp has not approved does: `warn`, or `strict`: the host does not start with it. */
  checkTemplates: z.enum(['warn', 'strict']).default('warn'),
  limits: z
    .strictObject({
      /** The throughput that Meta allows the phone number. */
      messagesPerSecond: count(1000, 80),
      /** The messaging limit of the business portfolio: different customers in 24 hours. */
      usersPerDay: z.int().min(1).max(1_000_000).optional(),
    })
    .prefault({}),
});

const none = z.strictObject({ driver: z.literal('none') });

/** Where a channel sends. */
export const api = z.discriminatedUnion('driver', [cloud, onPremises, gateway, none]);

export type CloudSettings = z.output<typeof cloud>;

/** Settings of an API with the paths of the On-Premises API. */
export type OnPremisesSettings = z.output<typeof onPremises> | z.output<typeof gateway>;
