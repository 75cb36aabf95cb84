import { hasCode } from '../../esp/index.js';
import {
  type ReadyWebhook,
  type WebhookEvent,
  type WebhookObserver,
  type WebhookRequest,
  withTimeout,
} from '../../host/index.js';
import { type StateStore, type StoredEvent, Transaction, type WaitingEvent } from '../../state/index.js';
import { type Clock, errorStack, errorText, RationedLog, type RootLogger, realClock } from '../../telemetry/index.js';
import { type Begun, type Lane, Lanes } from './lanes.js';
import { type Box, FOR_EVER, type Leader, NO_TERM } from './leader.js';
import type { WebhookMetrics } from './metrics.js';
import { isForwarded } from './outbox.js';

/** Pause after the first failure; it doubles with each further one, up to the longest. */
const PAUSE_MS = { first: 1000, longest: 300_000 };

/** How often an event is handled again because a record has changed meanwhile, before this counts as a failure. */
const CONFLICTS = 100;

const PURGE_MS = 1000;

/** Events without a receiver that are dropped at a time. */
const DROPPED = 1000;

/** Parked events that are tried again at a time. */
const UNPARKED = 1000;

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
  readonly state: StateStore;
  /** Says which events this host handles, if others share the state. @default all: call `start` */
  readonly leader?: Leader | undefined;
  readonly logger: RootLogger;
  readonly metrics: WebhookMetrics;
  readonly settings: InboxSettings;
  readonly observer?: WebhookObserver | undefined;
  readonly clock?: Clock;
}

/** Data of fresh events that is also kept in memory, in characters. Other data is loaded before it is handled. */
const KEPT_MAX = 4_194_304;

/** The events that this host handles, until another host does. */
class Shift {
  readonly lanes = new Lanes();
  /** Characters of data in memory. */
  kept = 0;

  /** @param term undefined: no other host ever handles them */
  constructor(readonly term: string | undefined) {}
}

/**
 * The events that were received and not yet handled. They are stored before `accept` resolves, and handled in order per key,
 * at least once; what a handler writes to the state is committed together with the end of its event.
 */
export class Inbox implements Box {
  readonly #options: InboxOptions;
  readonly #clock: Clock;
  readonly #log: RationedLog;
  #settings: InboxSettings;
  #webhooks: ReadonlyMap<string, ReadyWebhook> = new Map();
  #shift: Shift;
  /** Running handlers, and the receivers that they belong to. */
  readonly #running = new Map<Promise<void>, ReadyWebhook>();
  readonly #timers = new Set<unknown>();
  #stopped = false;
  /** Whether the receivers are known. */
  #used = false;

  constructor(options: InboxOptions) {
    this.#options = options;
    this.#clock = options.clock ?? realClock;
    this.#log = new RationedLog(options.logger, this.#clock);
    this.#settings = options.settings;
    this.#shift = new Shift(options.leader === undefined ? undefined : NO_TERM);
    options.metrics.collect(() => this.#measure());
    if (options.leader !== undefined) this.#purgeLater(this.#shift);
  }

  /** Loads what an earlier process has left. @throws StateError */
  async start(): Promise<void> {
    await this.#options.state.do('unpark', { until: FOR_EVER, most: -1 });
    const left = (await this.#options.state.do('waiting', {})).filter((event) => !isForwarded(event));
    for (const event of left) this.#shift.lanes.add(event);
    if (left.length > 0)
      this.#options.logger.info('webhook events of an earlier run are handled', { events: left.length });
    this.#purgeLater(this.#shift);
  }

  lead(term: string): void {
    this.#change(new Shift(term));
  }

  take(events: readonly WaitingEvent[]): void {
    for (const event of events) if (!isForwarded(event)) this.#shift.lanes.add(event);
    this.#pump();
  }

  /** Handlers that are running finish, and change nothing any more. */
  follow(): void {
    this.#change(new Shift(NO_TERM));
  }

  #change(shift: Shift): void {
    shift.lanes.use(this.#webhooks);
    this.#shift = shift;
    this.#purgeLater(shift);
  }

  /** Hands events to these receivers from now on. Resolves when those of before have finished theirs. */
  async use(webhooks: readonly ReadyWebhook[], settings: InboxSettings): Promise<void> {
    this.#settings = settings;
    this.#used = true;
    const isSame =
      webhooks.length === this.#webhooks.size && webhooks.every((one) => this.#webhooks.get(one.path) === one);
    if (isSame) return;
    this.#webhooks = new Map(webhooks.map((webhook) => [webhook.path, webhook]));
    const earlier = [...this.#running].filter(([, webhook]) => !webhooks.includes(webhook)).map(([work]) => work);
    this.#shift.lanes.use(this.#webhooks);
    this.#pump();
    if (this.#shift.lanes.parked > 0) await this.#unpark();
    await Promise.all(earlier);
  }

  get webhooks(): ReadonlyMap<string, ReadyWebhook> {
    return this.#webhooks;
  }

  /** Stores events. @returns false, and stores nothing, if there is no room for them. @throws StateError */
  async accept(
    path: string,
    events: readonly WebhookEvent[],
    headers: WebhookRequest['headers'] = {},
  ): Promise<boolean> {
    const { state, leader, metrics, observer } = this.#options;
    const { waiting } = this.#settings;
    const { lanes } = this.#shift;
    const stored = events.map(storable);
    const { length } = stored;
    // The events of other paths take no room from these.
    if (this.#stopped || lanes.stored(path) + length > waiting) return false;
    const receivedAt = Date.now();
    lanes.reserve(path, length);
    const seqs = await state.do('accept', { path, now: receivedAt, most: waiting, events: stored }).finally(() => {
      lanes.reserve(path, -length);
    });
    if (seqs.length < length) return false;
    for (const [index, seq] of seqs.entries()) {
      metrics.event(path, seq === null ? 'duplicate' : 'accepted').inc();
      const event = stored[index];
      if (seq === null || event === undefined || leader !== undefined) continue;
      lanes.add({ seq, path, key: event.key ?? null, receivedAt, attempts: 0 }, this.#keep(seq, event));
    }
    if (observer !== undefined) {
      const ids = stored.map(({ id }) => id);
      observer.stored({ path, headers, ids, fresh: ids.filter((_, index) => seqs[index] !== null) });
    }
    if (leader === undefined) this.#pump();
    else leader.stored();
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
    if (this.#shift.kept + data.length > KEPT_MAX) return undefined;
    this.#shift.kept += data.length;
    return { seq, id, data };
  }

  /** Begins as many events as there is room for. Lanes without a receiver wait for the next `use`. */
  #pump(): void {
    const shift = this.#shift;
    const begun: Begun[] = [];
    for (let one = this.#begin(); one !== undefined; one = this.#begin()) begun.push(one);
    if (begun.length === 0) return;
    const seqs = begun.filter(({ entry }) => entry.kept === undefined).map(({ entry }) => entry.seq);
    const loaded = seqs.length === 0 ? Promise.resolve([]) : this.#options.state.do('load', { term: shift.term, seqs });
    for (const one of begun) {
      const work = loaded
        .then((rows) => this.#handle(shift, one, rows))
        .catch((error: unknown) => this.#failed(shift, one, error))
        .finally(() => {
          this.#running.delete(work);
          shift.lanes.left(one.lane);
          this.#pump();
        });
      this.#running.set(work, one.webhook);
    }
  }

  #begin(): Begun | undefined {
    return this.#stopped ? undefined : this.#shift.lanes.begin();
  }

  async #handle(shift: Shift, { lane, entry, webhook }: Begun, rows: readonly StoredEvent[]): Promise<void> {
    const row = entry.kept ?? rows.find(({ seq }) => seq === entry.seq);
    if (row === undefined) {
      this.#ended(shift, lane);
      return;
    }
    const { receiver, plugin, logger, path } = webhook;
    for (let conflicts = 0; conflicts < CONFLICTS; conflicts++) {
      // Of its own for each run, which may change it.
      const event = { id: row.id, key: lane.key ?? undefined, data: JSON.parse(row.data) };
      const state = new Transaction(this.#options.state, plugin, shift.term);
      const after: (() => void)[] = [];
      const call = { state, logger, attempt: entry.attempts + 1, onHandled: (run: () => void) => void after.push(run) };
      await this.#attempt((signal) => receiver.handle(event, { ...call, signal }));
      const result = await state.commit(entry.seq);
      if (result === 'conflict') continue;
      if (result === 'done') {
        this.#options.metrics.event(path, 'handled').inc();
        this.#runAfter(after, webhook);
      }
      this.#options.observer?.handled(path, row.id);
      this.#ended(shift, lane);
      return;
    }
    throw new Error(`its records changed during ${CONFLICTS} attempts`);
  }

  /** The event has ended: what fails now has no effect on it. */
  #runAfter(after: readonly (() => void)[], { path, plugin }: ReadyWebhook): void {
    for (const run of after) {
      try {
        run();
      } catch (error) {
        const text = () => `webhook event handled, but what follows failed: ${errorText(error)}`;
        this.#log.write('error', 'webhook event follow-up', path, text, () => ({
          webhook: path,
          plugin,
          stack: errorStack(error),
        }));
      }
    }
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
  #ended(shift: Shift, lane: Lane): void {
    shift.kept -= shift.lanes.ended(lane);
  }

  async #failed(shift: Shift, { lane, entry, webhook }: Begun, error: unknown): Promise<void> {
    // Who handles it now tries again.
    if (shift !== this.#shift) return;
    // An error of the state is not the handler's, and does not count as an attempt.
    if (hasCode(error, 'ESP_STATE_FAILED')) entry.unstored++;
    else entry.attempts++;
    const { seq, attempts, unstored } = entry;
    const parked = attempts >= this.#settings.attempts;
    const pauseMs = Math.min(PAUSE_MS.longest, PAUSE_MS.first * 2 ** (attempts + unstored - 1));
    this.#logFailure(webhook, error, parked ? 'parked' : `next attempt in ${pauseMs / 1000} s`);
    this.#options.metrics.event(lane.path.name, 'failed').inc();
    const { state } = this.#options;
    const isStored = await state.do('fail', { term: shift.term, seq, attempts, parked }).then(
      () => true,
      () => false,
    );
    if (parked && isStored) {
      this.#options.metrics.event(lane.path.name, 'parked').inc();
      shift.lanes.park(lane.path.name, 1);
      this.#ended(shift, lane);
      return;
    }
    this.#later(pauseMs, () => {
      shift.lanes.again(lane);
      this.#pump();
    });
  }

  #logFailure({ path, plugin }: ReadyWebhook, error: unknown, then: string): void {
    const stack = errorStack(error);
    const text = () => `webhook event failed (${then}): ${errorText(error)}`;
    const level = then === 'parked' ? 'error' : 'warn';
    this.#log.write(level, `webhook event ${level}`, path, text, () => ({ webhook: path, plugin, stack }));
  }

  /** New code may handle what the earlier failed to. What it parks again is left alone. */
  async #unpark(): Promise<void> {
    const until = Date.now();
    const { lanes, term } = this.#shift;
    for (let isLast = false; !isLast && !this.#stopped; ) {
      const parked = await this.#options.state.do('unpark', { term, until, most: UNPARKED }).catch(() => []);
      // In the order in which they came: a statement returns its rows in any.
      for (const event of parked.toSorted((a, b) => a.seq - b.seq)) {
        lanes.park(event.path, -1);
        lanes.add(event);
      }
      this.#pump();
      isLast = parked.length < UNPARKED;
    }
  }

  #purgeLater(shift: Shift): void {
    this.#later(PURGE_MS, () => {
      if (shift === this.#shift) void this.#purge(shift);
    });
  }

  async #purge(shift: Shift): Promise<void> {
    const now = Date.now();
    const before = now - this.#settings.rememberMs;
    const { term } = shift;
    // Records expire although no host may take webhooks.
    const what =
      term === NO_TERM ? { now, before: 0, remembered: FOR_EVER } : { term, now, before, remembered: REMEMBERED };
    const dropped = await this.#options.state.do('purge', what).catch(() => []);
    if (dropped.length > 0) {
      for (const path of dropped) shift.lanes.park(path, -1);
      this.#options.metrics.dropped.inc(dropped.length);
      this.#options.logger.error('webhook events were parked for too long and dropped', { events: dropped.length });
    }
    await this.#dropUnreceived(shift, before);
    this.#purgeLater(shift);
  }

  /** Drops old events whose receiver was removed. */
  async #dropUnreceived(shift: Shift, before: number): Promise<void> {
    if (!this.#used) return;
    const old = shift.lanes.takeUnreceived(before, DROPPED);
    if (old.length === 0) return;
    const seqs = old.flatMap((one) => one.seqs);
    const isDropped = await this.#options.state.do('drop', { term: shift.term, seqs }).then(
      () => true,
      () => false,
    );
    for (const { lane, seqs: own } of old) {
      if (isDropped) shift.kept -= shift.lanes.ended(lane, own.length);
      else shift.lanes.again(lane);
    }
    this.#pump();
    if (!isDropped) return;
    this.#options.metrics.dropped.inc(seqs.length);
    this.#options.logger.error('webhook events without a receiver were dropped', { events: seqs.length });
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
    const { lanes } = this.#shift;
    this.#options.metrics.measured(lanes.waiting, lanes.parked, now - lanes.oldest(now));
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
