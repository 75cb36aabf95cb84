import type { LabelledCounter, Logger, Metrics } from 'esp-host';
import type { OpenApi } from '../api/open-api.js';
import type { RemoteSettings } from '../channel-schema.js';
import type { Redis } from '../redis.js';
import { BatchedLookup } from './batches.js';
import { BudgetedLookup } from './budget.js';
import { CachedLookup } from './cache.js';
import type { ContactLookup } from './contact-lookup.js';
import { ContactsEndpoint } from './contacts-endpoint.js';
import { GuardedCalls, GuardedLookup } from './guards.js';
import { SharedCache } from './shared-cache.js';
import { OwnSpending, SharedSpending } from './spending.js';
import { OwnTurns, SharedTurns, type Turns } from './turns.js';

export type { ContactAnswer, ContactLookup } from './contact-lookup.js';
export { NumberPlan } from './number-plan.js';
export { dayOf, sharedSpent } from './spending.js';

/** What a channel's lookups are made with. */
export interface LookupParts {
  readonly channel: string;
  /** The number under which the API client is registered: calls, lookups and answers belong to it. */
  readonly owner: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Where hosts share what they know and spend. */
  readonly redis: Redis | undefined;
}

/**
 * Lookups at the contacts endpoint of an API, with all that makes them ask less. One passes these from the last to the
 * first; whatever can answer it ends its way.
 */
export function remoteLookup({ api, breaker }: OpenApi, settings: RemoteSettings, parts: LookupParts): ContactLookup {
  const { channel, owner, redis, logger, metrics } = parts;
  const { cache, limits } = settings;
  const { asked, turnedAway } = counters(parts);
  const endpoint = new ContactsEndpoint(api, channel, settings.driver === 'gateway' ? 'new' : 'old');

  const calls = new GuardedCalls(endpoint, breaker);
  const turns = turnsOf(limits.callsPerSecond, parts);
  let lookup: ContactLookup = new BatchedLookup(calls, channel, settings, turns, turnedAway('queue'));
  if (limits.lookupsPerDay !== undefined) {
    const budget = { ...limits, lookupsPerDay: limits.lookupsPerDay };
    const spending = redis ? new SharedSpending(redis, owner) : new OwnSpending();
    lookup = new BudgetedLookup(lookup, channel, budget, spending, logger, metrics, turnedAway('budget'));
  }
  lookup = new GuardedLookup(lookup, breaker, { miss: asked('miss'), turnedAway: turnedAway('breaker') });
  if (redis !== undefined && cache.size > 0) lookup = new SharedCache(lookup, redis, owner, cache, asked('shared'));
  const count = { hit: asked('hit'), joined: asked('joined'), turnedAway: turnedAway('queue') };
  return new CachedLookup(lookup, channel, cache, count);
}

function turnsOf(callsPerSecond: number | undefined, { owner, redis }: LookupParts): Turns | undefined {
  if (callsPerSecond === undefined) return undefined;
  return redis ? new SharedTurns(redis, owner, callsPerSecond) : new OwnTurns(callsPerSecond);
}

type Counters = (label: string) => LabelledCounter;

function counters({ channel, metrics }: LookupParts): { readonly asked: Counters; readonly turnedAway: Counters } {
  const askedHelp =
    'Lookups by what answered them: hit, memory; shared, Redis; joined, the lookup of another request; miss, none';
  const awayHelp = 'Lookups that were not sent upstream, by what kept them: breaker, queue (full) or budget (spent)';
  return {
    asked: (result) => metrics.counter('esp_contacts_cache_total', askedHelp, { channel, result }),
    turnedAway: (reason) => metrics.counter('esp_contacts_turned_away_total', awayHelp, { channel, reason }),
  };
}
