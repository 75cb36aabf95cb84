import { ConnectionFailedError, ExecutionFailedError, type LabelledCounter } from 'esp-host';
import { LRUCache } from 'lru-cache';
import { CallProblem } from '../api/outcome.js';
import type { ContactAnswer, ContactLookup } from './contact-lookup.js';

export interface CacheSettings {
  /** How long `on WhatsApp` is remembered; 0: not at all. */
  readonly confirmedMs: number;
  /** The same of `not on WhatsApp`. */
  readonly unconfirmedMs: number;
  /** Numbers in memory; 0: nothing is remembered, nor shared with other hosts. */
  readonly size: number;
}

/** How many milliseconds an answer may still be remembered; 0 or less: no longer. */
export function timeLeft({ number, knownSince }: ContactAnswer, settings: CacheSettings, now: number): number {
  if (knownSince === undefined) return 0;
  return knownSince + (number === undefined ? settings.unconfirmedMs : settings.confirmedMs) - now;
}

/** A lookup, and how many have joined the one who began it. */
interface Shared {
  readonly answer: Promise<ContactAnswer>;
  joined: number;
}

interface Remembered {
  readonly answer: ContactAnswer;
  /** Milliseconds since 1970. */
  readonly until: number;
}

export interface CacheCounters {
  /** Answered from memory, at once. */
  readonly hit: LabelledCounter;
  /** Waits for the lookup of another request. */
  readonly joined: LabelledCounter;
  /** Waits for none, as too many do. */
  readonly turnedAway: LabelledCounter;
}

/**
 * Most requests of a channel that wait for the lookups of others: they may wait for longer than their deadlines, and what
 * waits takes memory until then.
 */
const JOINED = 10_000;

/** Answers from memory what is known, and lets all who ask for one number meanwhile share its lookup. */
export class CachedLookup implements ContactLookup {
  readonly #known: LRUCache<string, Remembered> | undefined;
  readonly #underWay = new Map<string, Shared>();
  #joined = 0;

  constructor(
    private readonly inner: ContactLookup,
    private readonly channel: string,
    private readonly settings: CacheSettings,
    private readonly count: CacheCounters,
    private readonly now: () => number = Date.now,
  ) {
    this.#known = settings.size === 0 ? undefined : new LRUCache({ max: settings.size });
  }

  lookUp(number: string): ContactAnswer | ConnectionFailedError | Promise<ContactAnswer> {
    const known = this.#known?.get(number);
    if (known !== undefined && known.until > this.now()) {
      this.count.hit.inc();
      return known.answer;
    }
    const underWay = this.#underWay.get(number);
    if (underWay === undefined) return this.#ask(number);
    if (this.#joined >= JOINED) {
      this.count.turnedAway.inc();
      const cause = new CallProblem('not_made', `${JOINED} requests wait for lookups of others`);
      throw new ExecutionFailedError(this.channel, 'overloaded', { cause });
    }
    this.count.joined.inc();
    this.#joined++;
    underWay.joined++;
    return underWay.answer;
  }

  #ask(number: string): ConnectionFailedError | Promise<ContactAnswer> {
    const asked = this.inner.lookUp(number);
    if (asked instanceof ConnectionFailedError) return asked;
    const answer = Promise.resolve(asked)
      .then((found) => this.#remember(number, found))
      .finally(() => {
        this.#joined -= shared.joined;
        this.#underWay.delete(number);
      });
    const shared: Shared = { answer, joined: 0 };
    this.#underWay.set(number, shared);
    return answer;
  }

  #remember(number: string, answer: ContactAnswer): ContactAnswer {
    const now = this.now();
    const left = timeLeft(answer, this.settings, now);
    if (left > 0) this.#known?.set(number, { answer, until: now + left });
    return answer;
  }
}
