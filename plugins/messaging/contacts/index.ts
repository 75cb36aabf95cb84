import type { Got, LabelledCounter, Logger, Metrics } from 'esp-host';
import { ApiClient } from '../api/api-client.js';
import { ApiKey } from '../api/credentials.js';
import { ApiHttp } from '../api/http.js';
import { Login } from '../api/login.js';
import type { RemoteSettings, WhatsAppSettings } from '../channel-schema.js';
import type { Redis } from '../redis.js';
import { BatchedLookup } from './batches.js';
import { Breaker, GuardedCalls, GuardedLookup } from './breaker.js';
import { BudgetedLookup } from './budget.js';
import { CachedLookup } from './cache.js';
import type { ContactLookup, ContactsCall } from './contact-lookup.js';
import { ContactsEndpoint } from './contacts-endpoint.js';
import { NumberPlan } from './number-plan.js';
import { SharedCache } from './shared-cache.js';
import { OwnSpending, SharedSpending } from './spending.js';
import { OwnTurns, SharedTurns, type Turns } from './turns.js';

export type { ContactAnswer, ContactLookup } from './contact-lookup.js';
export { dayOf, sharedSpent } from './spending.js';

/** What a channel's lookups are made with. */
export interface LookupParts {
  readonly channel: string;
  /** The number under which the API client is registered: calls, lookups and answers belong to it. */
  readonly owner: string;
  readonly http: Got;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Where hosts share what they know and spend. */
  readonly redis: Redis | undefined;
}

/** A way to look numbers up, and what ends its connections. */
export interface Contacts {
  readonly lookup: ContactLookup;
  close(): void;
}

/** The driver that a channel's `contacts` name, with all that makes it ask less. */
export function contactsOf(settings: WhatsAppSettings['contacts'], parts: LookupParts): Contacts {
  if (settings.driver === 'number-plan') return { lookup: new NumberPlan(), close: () => undefined };
  const api = new ApiHttp(parts.channel, settings, parts.http, parts.metrics);
  return { lookup: layers(endpoint(settings, api), settings, parts), close: () => api.close() };
}

function endpoint(settings: RemoteSettings, api: ApiHttp): ContactsEndpoint {
  if (settings.driver === 'gateway') {
    return new ContactsEndpoint(new ApiClient(api, new ApiKey(settings)), api.channel, 'new');
  }
  return new ContactsEndpoint(new ApiClient(api, new Login(api, settings)), api.channel, 'old');
}

/** A lookup passes these from the last to the first; whatever can answer it ends its way. */
function layers(endpoint: ContactsCall, settings: RemoteSettings, parts: LookupParts): ContactLookup {
  const { channel, owner, redis, logger, metrics } = parts;
  const { cache, limits } = settings;
  const { asked, turnedAway } = counters(parts);
  const breaker = new Breaker(channel, settings.url, settings.breaker, logger, metrics);

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
  return new CachedLookup(lookup, cache, { hit: asked('hit'), joined: asked('joined') });
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
