import type { LabelledCounter, Logger, Metrics, Redis, State, WebhookCall } from 'esp-host';
import { LRUCache } from 'lru-cache';
import {
  EVIDENCE_KINDS,
  type Evidence,
  type EvidenceKind,
  expiryOf,
  type Lifetimes,
  newest,
  type Sighting,
} from './evidence.js';
import { SharedEvidence } from './shared-evidence.js';

/** Numbers in memory. The one that was seen least recently is forgotten first. */
const IN_MEMORY = 100_000;

/**
 * How long memory counts if there is a state or a Redis, from which a command may erase the number: until the transaction
 * of the event is committed.
 */
export const MEMORY_MS = 15_000;

/** The record of a number in the state. */
const recordId = (number: string): string => `contact/${number}`;

export interface EvidenceStoreOptions {
  /** The longest of all channels. */
  readonly lifetimes: Lifetimes;
  /** Undefined: this host shares nothing. */
  readonly redis: Redis | undefined;
  /** Undefined: nothing survives the process. */
  readonly state: State | undefined;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly now?: () => number;
}

interface Recent {
  readonly evidence: Evidence;
  readonly since: number;
}

/**
 * The newest evidence about each number, whichever channel it came from: in memory, in Redis for all hosts, and in the state
 * file.
 */
export class EvidenceStore {
  readonly #recent = new LRUCache<string, Recent>({ max: IN_MEMORY });
  readonly #shared: SharedEvidence | undefined;
  readonly #now: () => number;
  readonly #listeners: ((number: string) => void)[] = [];
  #failed = false;

  constructor(private readonly options: EvidenceStoreOptions) {
    this.#now = options.now ?? Date.now;
    // A state of several hosts shares it already.
    const isShared = options.state?.isShared ?? false;
    this.#shared = isShared ? undefined : options.redis && new SharedEvidence(options.redis, this.#now);
  }

  /** Calls back with each number about which evidence has come, so that answers made from older evidence are dropped. */
  onEvidence(listener: (number: string) => void): void {
    this.#listeners.push(listener);
  }

  /** Begins the counters of a channel that evidence comes from. */
  countFor(channel: string): void {
    for (const kind of EVIDENCE_KINDS) if (kind !== 'imported') this.#count(channel, kind);
  }

  /**
   * Adds evidence. Its time decides whether it replaces what is known, so that neither order nor repetition matters.
   * @param call that of the event that it comes from, if any
   * @throws StateError
   */
  async record(
    channel: string,
    { number, evidence }: Sighting,
    call?: Pick<WebhookCall, 'state' | 'onHandled'>,
  ): Promise<void> {
    const count = (): void => this.#count(channel, evidence.kind).inc();
    if (call === undefined) count();
    else call.onHandled(count);
    const state = call?.state ?? this.options.state;
    const until = expiryOf(evidence, this.options.lifetimes);
    const keepMs = until - this.#now();
    if (keepMs <= 0) return;
    this.#remember(number, evidence);
    await Promise.all([
      state && keepEvidence(state, number, evidence, keepMs),
      this.#shared?.write(number, evidence, until),
    ]);
  }

  async read(number: string): Promise<Evidence | undefined> {
    const others = await Promise.all([this.#readState(number), this.#shared?.read(number)]);
    // While the state fails, memory is better than nothing, whatever its age.
    const recent = this.#failed ? this.#recent.get(number) : this.#recentOf(number);
    return newest(recent?.evidence, ...others);
  }

  #remember(number: string, evidence: Evidence): void {
    const known = this.#recentOf(number)?.evidence;
    this.#recent.set(number, { evidence: newest(known, evidence) ?? evidence, since: this.#now() });
    for (const listener of this.#listeners) listener(number);
  }

  #recentOf(number: string): Recent | undefined {
    const recent = this.#recent.get(number);
    const isAlone = this.options.state === undefined && this.#shared === undefined;
    return recent !== undefined && (isAlone || recent.since + MEMORY_MS > this.#now()) ? recent : undefined;
  }

  /** A state that cannot be read says nothing about a number. */
  async #readState(number: string): Promise<Evidence | undefined> {
    try {
      const { state } = this.options;
      const found = state && (await evidenceInState(state, number));
      this.#failed = false;
      return found;
    } catch (error) {
      if (!this.#failed) this.options.logger.warn(`evidence cannot be read: ${(error as Error).message}`);
      this.#failed = true;
      return undefined;
    }
  }

  #count(channel: string, kind: EvidenceKind): LabelledCounter {
    const help = 'What webhooks and refused messages say about the numbers of customers, by kind';
    return this.options.metrics.counter('esp_contacts_evidence_total', help, { channel, kind });
  }
}

/** @throws StateError */
export const evidenceInState = (state: State, number: string): Promise<Evidence | undefined> =>
  state.get<Evidence>(recordId(number));

/** Writes evidence to the state, unless it has newer evidence. @throws StateError */
export async function keepEvidence(state: State, number: string, evidence: Evidence, keepMs: number): Promise<void> {
  await state.update<Evidence>(recordId(number), (known) =>
    newest(known, evidence) === evidence ? { value: evidence, keepMs, keys: [number] } : undefined,
  );
}
