import type { LabelledCounter, Logger, Metrics, Redis } from 'esp-host';
import type { Breaker } from '../api/breaker.js';
import type { ChannelApi } from '../api/channel-api.js';
import type {
  ConfiguredChannel,
  ContactsEndpointSettings,
  EvidenceSettings,
  OnPremisesSettings,
} from '../config/index.js';
import { LocalRateLimiter, type RateLimiter, SharedRateLimiter } from '../limits/rate-limiter.js';
import { PhoneNumbers } from '../phone-numbers.js';
import { BatchedLookup } from './batched-lookup.js';
import { CachedLookup, SharedCache } from './cache.js';
import type { ContactLookup, Decision } from './contact-lookup.js';
import { ContactsEndpoint } from './contacts-endpoint.js';
import { BudgetedLookup, LocalUsage, SharedUsage } from './daily-budget.js';
import { longest } from './evidence.js';
import { DecidedLookup, EvidenceLookup } from './evidence-lookup.js';
import { EvidenceStore, type EvidenceStoreOptions } from './evidence-store.js';

export { sharedContactKey } from './cache.js';
export type { ContactAnswer, ContactLookup } from './contact-lookup.js';
export { dayOf, sharedUsage } from './daily-budget.js';
export {
  confirms,
  type Evidence,
  type EvidenceKind,
  expiryOf,
  type Lifetimes,
  longest,
  newest,
  type Sighting,
} from './evidence.js';
export { type EvidenceStore, evidenceInState, keepEvidence } from './evidence-store.js';
export { raiseShared, readShared, sharedEvidenceKey } from './shared-evidence.js';

/** What the lookups of a channel are built from. */
export interface LookupDependencies {
  readonly channel: string;
  /** The number of the API client. Calls, lookups and answers belong to it. */
  readonly owner: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Undefined: this host shares nothing. */
  readonly redis: Redis | undefined;
}

/**
 * Looks up numbers with the contacts endpoint of an API. Each layer may answer, and passes the rest to the one before
 * it: the last built is asked first.
 */
export function remoteLookup(
  { client, breaker }: Omit<ChannelApi, 'close'>,
  { driver, calls: bulkhead }: OnPremisesSettings,
  settings: ContactsEndpointSettings,
  dependencies: LookupDependencies,
): ContactLookup {
  const { channel, owner, redis, logger, metrics } = dependencies;
  const { cache, limits } = settings;
  const { asked, rejected } = counters(dependencies);
  const endpoint = new ContactsEndpoint(client, channel, driver === 'gateway' ? 'new' : 'old');
  const calls = { lookUpAll: (numbers: readonly string[]) => breaker.run(() => endpoint.lookUpAll(numbers)) };
  const queueFull = rejected('queue');
  const rateLimiter = rateLimiterOf(limits.callsPerSecond, dependencies);
  let lookup: ContactLookup = new BatchedLookup(
    calls,
    channel,
    { ...settings, calls: bulkhead },
    rateLimiter,
    queueFull,
  );
  if (limits.lookupsPerDay !== undefined) {
    const budget = { ...limits, lookupsPerDay: limits.lookupsPerDay };
    const usage = redis ? new SharedUsage(redis, owner) : new LocalUsage();
    lookup = new BudgetedLookup(lookup, channel, budget, usage, logger, metrics, rejected('budget'));
  }
  lookup = failFast(lookup, breaker, asked('miss'), rejected('breaker'));
  if (redis !== undefined && cache.size > 0) lookup = new SharedCache(lookup, redis, owner, cache, asked('shared'));
  const count = { hit: asked('hit'), joined: asked('joined'), rejected: queueFull };
  return new CachedLookup(lookup, channel, cache, count);
}

/** What is known about the numbers of customers, for all channels together. Undefined if none decides by it. */
export function openEvidence(
  channels: readonly ConfiguredChannel[],
  options: Omit<EvidenceStoreOptions, 'lifetimes'>,
): EvidenceStore | undefined {
  const deciding = channels.flatMap(({ settings: { contacts } }) => (contacts.from === 'evidence' ? [contacts] : []));
  if (deciding.length === 0) return undefined;
  const store = new EvidenceStore({ ...options, lifetimes: longest(deciding) });
  for (const { name, settings } of channels) if (settings.api.driver === 'cloud') store.countFor(name);
  return store;
}

/** Looks up what the traffic of the site has shown about numbers. */
export function evidenceLookup(
  store: EvidenceStore,
  settings: EvidenceSettings,
  dependencies: LookupDependencies,
  now: () => number = Date.now,
): ContactLookup {
  const { channel, metrics } = dependencies;
  const { asked, rejected } = counters(dependencies);
  const missed = asked('miss');
  const evidence = new EvidenceLookup(store, settings, now);
  const counted: ContactLookup = {
    lookUp(number) {
      missed.inc();
      return evidence.lookUp(number);
    },
  };
  const { size, keepMs } = settings.cache;
  const count = { hit: asked('hit'), joined: asked('joined'), rejected: rejected('queue') };
  const cached = new CachedLookup(counted, channel, { size, confirmedMs: keepMs, unconfirmedMs: keepMs }, count, now);
  store.onEvidence((number) => cached.drop(number));
  const help = 'Answers of ValidateContact from evidence, by what it says about the number';
  const decided = (decision: Decision) => metrics.counter('esp_contacts_decided_total', help, { channel, decision });
  return new DecidedLookup(cached, channel, settings.whenUnknown === 'fault', {
    confirmed: decided('confirmed'),
    unconfirmed: decided('unconfirmed'),
    unknown: decided('unknown'),
  });
}

/** Rejects requests while the upstream counts as down, so that none waits in a queue. */
const failFast = (
  inner: ContactLookup,
  breaker: Breaker,
  missed: LabelledCounter,
  rejected: LabelledCounter,
): ContactLookup => ({
  lookUp(number) {
    missed.inc();
    const down = breaker.down();
    if (down === undefined) return inner.lookUp(number);
    rejected.inc();
    return down;
  },
});

function rateLimiterOf(
  callsPerSecond: number | undefined,
  { owner, redis }: LookupDependencies,
): RateLimiter | undefined {
  if (callsPerSecond === undefined) return undefined;
  return redis ? new SharedRateLimiter(redis, owner, callsPerSecond) : new LocalRateLimiter(callsPerSecond);
}

type Counters = (label: string) => LabelledCounter;

function counters({ channel, metrics }: LookupDependencies): { readonly asked: Counters; readonly rejected: Counters } {
  const askedHelp =
    'Lookups by what answered them: hit, memory; shared, Redis; joined, the lookup of another request; miss, none';
  const rejectedHelp = 'Lookups that were not sent upstream, by reason: breaker, queue (full) or budget (spent)';
  return {
    asked: (result) => metrics.counter('esp_contacts_cache_total', askedHelp, { channel, result }),
    rejected: (reason) => metrics.counter('esp_contacts_turned_away_total', rejectedHelp, { channel, reason }),
  };
}

/**
 * Looks numbers up in the number plans, without an API: a number that can exist counts as a contact, whether or not it is
 * on WhatsApp.
 */
export const numberPlanLookup: ContactLookup = {
  lookUp(number) {
    const found = PhoneNumbers.inNumberPlan(number) ? number : undefined;
    return { number: found, unreliable: false, version: undefined, knownSince: undefined };
  },
};
