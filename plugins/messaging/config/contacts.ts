import { z } from 'esp-host';
import { count } from './values.js';

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

/** Unlimited by default. */
const limits = z.strictObject({
  callsPerSecond: z.int().min(1).optional(),
  lookupsPerDay: z.int().min(1).optional(),
  warnAt: z.number().min(0).max(1).default(0.8),
  whenSpent: z.enum(['fault', 'empty']).default('fault'),
});

/** Looks contacts up with the API of the channel. */
export const lookup = {
  /** How to answer if the API client calls every number valid, as version 2.43 and later do. */
  whenAlwaysValid: z.enum(['trust', 'empty', 'fault']).default('trust'),
  batch: batch.prefault({}),
  cache: cache.prefault({}),
  limits: limits.prefault({}),
};

const contactsEndpoint = z.strictObject({ from: z.literal('contacts-endpoint'), ...lookup });

const numberPlan = z.strictObject({ from: z.literal('number-plan') });

const DAY_MS = 24 * 3_600_000;

/** By what the traffic of the site has shown. */
const evidence = z.strictObject({
  from: z.literal('evidence'),
  /** How long a delivered or read message, or one from the customer, counts. WhatsApp deletes accounts unused for 120 days. */
  confirmedMs: lifetime(90 * DAY_MS),
  /** How long an undeliverable message counts. */
  unconfirmedMs: lifetime(7 * DAY_MS),
  /** The answer without evidence. `trust`: the number, if it can exist. */
  whenUnknown: z.enum(['trust', 'empty', 'fault']).default('trust'),
  cache: z
    .strictObject({
      size: z.int().min(0).max(10_000_000).default(50_000),
      /** How long an answer is kept before the evidence is read again. */
      keepMs: z.int().min(0).max(600_000).default(60_000),
    })
    .prefault({}),
});

/** How contacts are decided. */
export const contacts = z.discriminatedUnion('from', [evidence, contactsEndpoint, numberPlan]);

export type ContactsEndpointSettings = z.output<typeof contactsEndpoint>;
export type EvidenceSettings = z.output<typeof evidence>;
export type AlwaysValidPolicy = ContactsEndpointSettings['whenAlwaysValid'];
