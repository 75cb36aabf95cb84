import { hasCode } from '../../esp/index.js';
import { type ReadyWebhook, type WebhookEvent, withTimeout } from '../../host/index.js';
import { type StateFile, type StoredEvent, Transaction, type WaitingEvent } from '../../state/index.js';
import { type Clock, errorText, RationedLog, type RootLogger, realClock } from '../../telemetry/index.js';
import type { WebhookMetrics } from './metrics.js';

/** Events in handlers at a time. */
const AT_ONCE = 64;

/** Pause after the first failure; it doubles with each further one, up to the longest. */
const PAUSE_MS = { first: 1000, longest: 300_000 };

/** How often an event is handled again because a record has changed meanwhile, before this counts as a failure. */
const CONFLICTS = 100;

const PURGE_MS = 10_000;

/** Ids that are remembered for `rememberMs` at most. */
const REMEMBERED = 5_000_000;

export interface InboxSettings {
  /** Events that may wait. */
  readonly waiting: number;
  /** Attempts to handle an event before it is parked. */
  readonly attempts: number;
  /** How long ids are remembered, and parked events kept. */
  readonly rememberMs: number;
  /** Timeout of one attempt. */
  readonly deadlineMs: number;
}

export interface InboxOptions {
  readonly state: StateFile;
  readonly logger: RootLogger;
  readonly metrics: WebhookMetrics;
  readonly settings: InboxSettings;
  readonly clock?: Clock;
}

/** Data of fresh events that is also kept in memory, in characters. Other data is loaded before it is handled. */
const KEPT_MAX = 4_194_304;

/** An event that waits. Its data is in the state file. */
interface Entry extends Pick<WaitingEvent, 'seq' | 'receivedAt' | 'attempts'> {
  readonly kept?: StoredEvent | undefined;
}

/** The events of one key, oldest first. One of them is handled at a time. */
interface Lane {
  readonly path: string;
  readonly key: string | null;
  readonly name: string;
  readonly entries: Entry[];
  /** Whether its first event is being handled, or waits for its next attempt. */
  busy: boolean;
}

/** The first event of a lane, and who handles it. */
interface Begun {
  readonly lane: Lane;
  readonly entry: Entry;
  readonly webhook: ReadyWebhook;
}

/**
 * The events that were received and not yet handled. They are stored before `accept` resolves, and handled in order per key,
 * at least once; what a handler writes to the state is committed together with the end of its event.
 */
export class Inbox {
  readonly #options: InboxOptions;
  readonly #clock: Clock;
  readonly #log: RationedLog;
  #settings: InboxSettings;
  #webhooks: ReadonlyMap<string, ReadyWebhook> = new Map();
  readonly #lanes = new Map<string, Lane>();
  /** Lanes whose first event can be handled. */
  #ready: Lane[] = [];
  /** Running handlers, and the receivers that they belong to. */
  readonly #running = new Map<Promise<void>, ReadyWebhook>();
  readonly #timers = new Set<unknown>();
  /** Events that wait, are handled, or are about to be stored. */
  #waiting = 0;
  #parked = 0;
  /** Characters of data in memory. */
  #kept = 0;
  #stopped = false;

  constructor(options: InboxOptions) {
    this.#options = options;
    this.#clock = options.clock ?? realClock;
    this.#log = new RationedLog(options.logger, this.#clock);
    this.#settings = options.settings;
    options.metrics.collect(() => this.#measure());
  }

  /** Loads what an earlier process has left. @throws StateError */
  async start(): Promise<void> {
    await this.#options.state.do('unpark', {});
    const left = await this.#options.state.do('waiting', {});
    for (const event of left) this.#add(event);
    if (left.length > 0)
      this.#options.logger.info('webhook events of an earlier run are handled', { events: left.length });
    this.#later(PURGE_MS, () => void this.#purge());
  }

  /** Hands events to these receivers from now on. Resolves when those of before have finished theirs. */
  async use(webhooks: readonly ReadyWebhook[], settings: InboxSettings): Promise<void> {
    this.#settings = settings;
    const isSame =
      webhooks.length === this.#webhooks.size && webhooks.every((one) => this.#webhooks.get(one.path) === one);
    if (isSame) return;
    this.#webhooks = new Map(webhooks.map((webhook) => [webhook.path, webhook]));
    const earlier = [...this.#running].filter(([, webhook]) => !webhooks.includes(webhook)).map(([work]) => work);
    this.#ready = [...this.#lanes.values()].filter(({ busy }) => !busy);
    this.#pump();
    if (this.#parked > 0) await this.#unpark();
    await Promise.all(earlier);
  }

  get webhooks(): ReadonlyMap<string, ReadyWebhook> {
    return this.#webhooks;
  }

  /** Stores events. @returns false, and stores nothing, if there is no room for them. @throws StateError */
  async accept(path: string, events: readonly WebhookEvent[]): Promise<boolean> {
    const { state, metrics } = this.#options;
    const stored = events.map(storable);
    const { length } = stored;
    if (this.#stopped || this.#waiting + this.#parked + length > this.#settings.waiting) return false;
    const receivedAt = Date.now();
    this.#waiting += length;
    const seqs = await state.do('accept', { path, now: receivedAt, events: stored }).finally(() => {
      this.#waiting -= length;
    });
    for (const [index, seq] of seqs.entries()) {
      metrics.event(path, seq === null ? 'duplicate' : 'accepted').inc();
      const event = stored[index];
      if (seq === null || event === undefined) continue;
      this.#add({ seq, path, key: event.key ?? null, receivedAt, attempts: 0 }, this.#keep(seq, event));
    }
    this.#pump();
    return true;
  }

  /** Begins no more events, and waits up to `ms` for those that are being handled. The others stay in the state file. */
  async stop(ms: number): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers) this.#clock.clearTimeout(timer);
    await withTimeout(Promise.all(this.#running.keys()), ms, this.#clock).catch(() => undefined);
    this.#log.close();
  }

  #keep(seq: number, { id, data }: Pick<StoredEvent, 'id' | 'data'>): StoredEvent | undefined {
    if (this.#kept + data.length > KEPT_MAX) return undefined;
    this.#kept += data.length;
    return { seq, id, data };
  }

  #add({ path, key, ...waiting }: WaitingEvent, kept?: StoredEvent): void {
    const entry: Entry = { ...waiting, kept };
    const name = `${path} ${key === null ? `#${entry.seq}` : `=${key}`}`;
    const lane = this.#lanes.get(name) ?? { path, key, name, entries: [], busy: false };
    this.#waiting++;
    if (lane.entries.push(entry) > 1) return;
    this.#lanes.set(name, lane);
    this.#ready.push(lane);
  }

  /** Begins as many events as there is room for. Lanes without a receiver wait for the next `use`. */
  #pump(): void {
    const begun: Begun[] = [];
    while (!this.#stopped && this.#ready.length > 0 && this.#running.size + begun.length < AT_ONCE) {
      const lane = this.#ready.shift();
      const webhook = lane && this.#webhooks.get(lane.path);
      const entry = lane?.entries[0];
      if (lane === undefined || webhook === undefined || entry === undefined) continue;
      lane.busy = true;
      begun.push({ lane, entry, webhook });
    }
    if (begun.length === 0) return;
    const seqs = begun.filter(({ entry }) => entry.kept === undefined).map(({ entry }) => entry.seq);
    const loaded = seqs.length === 0 ? Promise.resolve([]) : this.#options.state.do('load', { seqs });
    for (const one of begun) {
      const work = loaded
        .then((rows) => this.#handle(one, rows))
        .catch((error: unknown) => this.#failed(one, error))
        .finally(() => {
          this.#running.delete(work);
          this.#pump();
        });
      this.#running.set(work, one.webhook);
    }
  }

  async #handle({ lane, entry, webhook }: Begun, rows: readonly StoredEvent[]): Promise<void> {
    const row = entry.kept ?? rows.find(({ seq }) => seq === entry.seq);
    if (row === undefined) {
      this.#ended(lane);
      return;
    }
    const { receiver, plugin, logger, path } = webhook;
    const event = { id: row.id, key: lane.key ?? undefined, data: JSON.parse(row.data) };
    for (let conflicts = 0; conflicts < CONFLICTS; conflicts++) {
      const state = new Transaction(this.#options.state, plugin);
      await this.#attempt((signal) => receiver.handle(event, { state, logger, signal, attempt: entry.attempts + 1 }));
      const result = await state.commit(entry.seq);
      if (result === 'conflict') continue;
      if (result === 'done') this.#options.metrics.event(path, 'handled').inc();
      this.#ended(lane);
      return;
    }
    throw new Error(`its records changed during ${CONFLICTS} attempts`);
  }

  /** Runs a handler until the deadline. @throws TimeoutError, or what the handler throws */
  async #attempt(handle: (signal: AbortSignal) => void | Promise<void>): Promise<void> {
    const timeout = new AbortController();
    try {
      const running = (async () => handle(timeout.signal))();
      await withTimeout(running, this.#settings.deadlineMs, this.#clock);
    } catch (error) {
      timeout.abort(error);
      throw error;
    }
  }

  /** The first event of a lane has ended, or was parked. */
  #ended(lane: Lane): void {
    const ended = lane.entries.shift();
    this.#kept -= ended?.kept?.data.length ?? 0;
    lane.busy = false;
    this.#waiting--;
    if (lane.entries.length === 0) this.#lanes.delete(lane.name);
    else this.#ready.push(lane);
  }

  async #failed({ lane, entry, webhook }: Begun, error: unknown): Promise<void> {
    // An error of the state file is not the handler's, and does not count as an attempt.
    const attempts = entry.attempts + (hasCode(error, 'ESP_STATE_FAILED') ? 0 : 1);
    const parked = attempts >= this.#settings.attempts;
    const pauseMs = Math.min(PAUSE_MS.longest, PAUSE_MS.first * 2 ** Math.max(0, attempts - 1));
    this.#logFailure(webhook, error, parked ? 'parked' : `next attempt in ${pauseMs / 1000} s`);
    this.#options.metrics.event(lane.path, 'failed').inc();
    const { state } = this.#options;
    const isStored = await state.do('fail', { seq: entry.seq, attempts, parked }).then(
      () => true,
      () => false,
    );
    if (parked && isStored) {
      this.#options.metrics.event(lane.path, 'parked').inc();
      this.#parked++;
      this.#ended(lane);
      return;
    }
    lane.entries[0] = { ...entry, attempts };
    this.#later(pauseMs, () => {
      lane.busy = false;
      this.#ready.push(lane);
      this.#pump();
    });
  }

  #logFailure({ path, plugin }: ReadyWebhook, error: unknown, then: string): void {
    const stack = error instanceof Error ? error.stack : undefined;
    const text = () => `webhook event failed (${then}): ${errorText(error)}`;
    const level = then === 'parked' ? 'error' : 'warn';
    this.#log.write(level, `webhook event ${level}`, path, text, () => ({ webhook: path, plugin, stack }));
  }

  /** New code may handle what the earlier failed to. */
  async #unpark(): Promise<void> {
    const parked = await this.#options.state.do('unpark', {}).catch(() => []);
    this.#parked -= parked.length;
    for (const event of parked) this.#add(event);
    this.#pump();
  }

  async #purge(): Promise<void> {
    const now = Date.now();
    const before = now - this.#settings.rememberMs;
    const dropped = await this.#options.state.do('purge', { now, before, remembered: REMEMBERED }).catch(() => 0);
    if (dropped > 0) {
      this.#parked -= dropped;
      this.#options.metrics.dropped.inc(dropped);
      this.#options.logger.error('webhook events were parked for too long and dropped', { events: dropped });
    }
    this.#later(PURGE_MS, () => void this.#purge());
  }

  #later(ms: number, run: () => void): void {
    if (this.#stopped) return;
    const timer = this.#clock.setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, ms);
    this.#timers.add(timer);
  }

  #measure(): void {
    const now = Date.now();
    let oldest = now;
    for (const { entries } of this.#lanes.values()) oldest = Math.min(oldest, entries[0]?.receivedAt ?? now);
    this.#options.metrics.measured(this.#waiting, this.#parked, now - oldest);
  }
}

const TEXT_MAX = 1000;

/** @throws TypeError if the receiver gave something else than an event */
function storable({ id, key, data }: WebhookEvent): { id: string; key: string | undefined; data: string } {
  const isText = (value: unknown): boolean => typeof value === 'string' && value !== '' && value.length <= TEXT_MAX;
  if (!isText(id) || (key !== undefined && !isText(key))) {
    throw new TypeError(`an event needs an id of 1 to ${TEXT_MAX} characters, and so does its key if it has one`);
  }
  return { id, key, data: JSON.stringify(data) ?? 'null' };
}
