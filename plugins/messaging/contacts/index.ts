import type { Got, LabelledCounter, Logger, Metrics } from 'esp-host';
import { ApiClient } from '../api/api-client.js';
import { ApiKey } from '../api/credentials.js';
import { ApiHttp } from '../api/http.js';
import { Login } from '../api/login.js';
import type { RemoteSettings, WhatsAppSettings } from '../channel-schema.js';
import type { Redis } from '../shared/redis.js';
import { BatchedLookup } from './batches.js';
import { Breaker, GuardedCalls, GuardedLookup } from './breaker.js';
import { BudgetedCalls } from './budget.js';
import { CachedLookup } from './cache.js';
import { PacedCalls, rateLimiter } from './call-rate.js';
import type { ContactLookup, ContactsCall } from './contact-lookup.js';
import { ContactsEndpoint } from './contacts-endpoint.js';
import { NumberPlan } from './number-plan.js';
import { SharedCache } from './shared-cache.js';
import { OwnSpending, SharedSpending } from './spending.js';

export type { ContactAnswer, ContactLookup } from './contact-lookup.js';

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
export async function contactsOf(settings: WhatsAppSettings['contacts'], parts: LookupParts): Promise<Contacts> {
  if (settings.driver === 'number-plan') return { lookup: new NumberPlan(), close: () => undefined };
  const api = new ApiHttp(parts.channel, settings, parts.http, parts.metrics);
  return { lookup: await layers(endpoint(settings, api), settings, parts), close: () => api.close() };
}

function endpoint(settings: RemoteSettings, api: ApiHttp): ContactsEndpoint {
  if (settings.driver === 'gateway') {
    return new ContactsEndpoint(new ApiClient(api, new ApiKey(settings)), api.channel, 'new');
  }
  return new ContactsEndpoint(new ApiClient(api, new Login(api, settings)), api.channel, 'old');
}

/** A lookup passes these from the last to the first; whatever can answer it ends its way. */
async function layers(endpoint: ContactsCall, settings: RemoteSettings, parts: LookupParts): Promise<ContactLookup> {
  const { channel, owner, redis, logger, metrics } = parts;
  const { cache, limits } = settings;
  const { asked, turnedAway } = counters(parts);
  const breaker = new Breaker(channel, settings.url, settings.breaker, logger, metrics);

  let calls: ContactsCall = new GuardedCalls(endpoint, breaker);
  if (limits.callsPerSecond !== undefined) {
    const rate = { callsPerSecond: limits.callsPerSecond, waitMs: settings.timeoutMs };
    const limiter = await rateLimiter(owner, rate.callsPerSecond, redis);
    calls = new PacedCalls(calls, channel, rate, limiter, turnedAway('rate'));
  }
  if (limits.lookupsPerDay !== undefined) {
    const budget = { ...limits, lookupsPerDay: limits.lookupsPerDay };
    const spending = redis === undefined ? new OwnSpending() : new SharedSpending(redis, owner);
    calls = new BudgetedCalls(calls, channel, budget, spending, logger, metrics, turnedAway('budget'));
  }

  let lookup: ContactLookup = new BatchedLookup(calls, channel, settings, turnedAway('queue'));
  lookup = new GuardedLookup(lookup, breaker, { miss: asked('miss'), turnedAway: turnedAway('breaker') });
  if (redis !== undefined && cache.size > 0) lookup = new SharedCache(lookup, redis, owner, cache, asked('shared'));
  return new CachedLookup(lookup, cache, { hit: asked('hit'), joined: asked('joined') });
}

type Counters = (label: string) => LabelledCounter;

function counters({ channel, metrics }: LookupParts): { readonly asked: Counters; readonly turnedAway: Counters } {
  const askedHelp =
    'Lookups by what answered them: hit, memory; shared, Redis; joined, the lookup of another request; miss, none';
  const awayHelp =
    'Lookups that were not sent upstream: breaker, queue, rate (calls a second) or budget (lookups a day)';
  return {
    asked: (result) => metrics.counter('esp_contacts_cache_total', askedHelp, { channel, result }),
    turnedAway: (reason) => metrics.counter('esp_contacts_turned_away_total', awayHelp, { channel, reason }),
  };
}
