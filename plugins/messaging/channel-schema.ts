import { type Channel, defineChannel, e164, nearest, pemFile, secret, z } from 'esp-host';
import { PhoneNumbers } from './phone-numbers.js';

/** Where the API is: http or https, perhaps with a path; credentials have keys of their own. */
const apiUrl = () =>
  z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL, such as https://whatsapp.example:9090' })
    .refine(hasNoCredentials, 'must hold no user name or password: write them as username and password')
    .transform((url) => url.replace(/\/+$/, ''));

function hasNoCredentials(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed === null || (parsed.username === '' && parsed.password === '');
}

/** Up to 24 days: what a timer can keep. */
const milliseconds = (least: number, fallback: number) => z.int().min(least).max(0x7fffffff).default(fallback);

const count = (most: number, fallback: number) => z.int().min(1).max(most).default(fallback);

/** Numbers that are asked for within a moment go with one call. */
const batch = z.strictObject({
  size: count(1000, 100),
  waitMs: z.int().min(0).max(1000).default(5),
});

const YEAR_MS = 366 * 24 * 3_600_000;
const remembered = (fallback: number) => z.int().min(0).max(YEAR_MS).default(fallback);

/** What is known is not asked again for a while; 0: at once. */
const cache = z.strictObject({
  confirmedMs: remembered(24 * 3_600_000),
  unconfirmedMs: remembered(3_600_000),
  size: z.int().min(0).max(10_000_000).default(50_000),
});

/** The bulkhead: what one channel may hold of the host. */
const calls = z.strictObject({ atOnce: count(1000, 8), queued: count(1_000_000, 500) });

const breaker = z.strictObject({ failures: count(1000, 5), probeAfterMs: milliseconds(1, 10_000) });

/** No limit unless one is given. */
const limits = z.strictObject({
  callsPerSecond: z.int().min(1).optional(),
  lookupsPerDay: z.int().min(1).optional(),
  warnAt: z.number().min(0).max(1).default(0.8),
  whenSpent: z.enum(['fault', 'empty']).default('fault'),
});

/** What every driver that asks over the network takes. */
const remote = {
  url: apiUrl(),
  /** Authorities (PEM) to trust in place of Node's, for a server that signed its certificate itself. */
  ca: pemFile().optional(),
  /** How long one call of the API may take. */
  timeoutMs: milliseconds(1, 5000),
  /** What to answer where the client calls every number valid, as clients from version 2.43 on do. */
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
  /** The header that carries the key. */
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
  name: z.string().regex(/^[a-z0-9_]+$/, 'must be the name of a template: lower case letters, digits and underscores'),
  language: z.strictObject({
    code: z.string().regex(/^[a-z]{2,3}(_[A-Z]{2})?$/, 'must be a language code of WhatsApp, such as en or en_US'),
    policy: z.enum(['deterministic', 'fallback']).default('deterministic'),
  }),
  /** The texts that stand in for {{1}}, {{2}}, ... of its body. */
  parameters: z.array(z.string().min(1, 'must be a text: WhatsApp takes no empty one')).default([]),
});

/** What ChatService.InviteToChat sends. */
const invitations = z
  .strictObject({
    /** By StandardResponseId. */
    templates: z.record(z.string().min(1), template),
    /** The StandardResponseId that counts where a request has none. */
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
/** Of the drivers that ask over the network. */
export type RemoteSettings = z.output<typeof onPremises> | z.output<typeof gateway>;
export type Template = z.output<typeof template>;
export type AlwaysValidPolicy = RemoteSettings['whenAlwaysValid'];
