import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Got } from 'got';
import { StateError, type StateStore, type WaitingEvent } from '../../state/index.js';
import { type Clock, RationedLog, type RootLogger, realClock } from '../../telemetry/index.js';
import { Forward, type ForwardedBody, type ForwardSettings } from './forward.js';
import { type Box, type Leader, NO_TERM } from './leader.js';
import type { WebhookMetrics } from './metrics.js';

export interface OutboxSettings {
  /** By name. */
  readonly forwards: ReadonlyMap<string, ForwardSettings>;
  /** Webhooks of each that may wait. */
  readonly waiting: number;
  /** How long webhooks may wait, and their ids are remembered. */
  readonly rememberMs: number;
}

export interface OutboxOptions {
  readonly state: StateStore;
  /** Says which webhooks this host forwards, if others share the state. @default all: call `start` */
  readonly leader?: Leader | undefined;
  readonly logger: RootLogger;
  readonly metrics: WebhookMetrics;
  readonly http: Got;
  readonly clock?: Clock;
}

const EXPIRE_MS = 1000;

/** Bytes that are about to be stored at a time: they are in memory. */
const STORING_MAX = 67_108_864;

/** In the place of the path of an event, which begins with a slash. */
const PREFIX = 'forward ';

/** Whether an event of the state waits to be forwarded. */
export const isForwarded = ({ path }: { readonly path: string }): boolean => path.startsWith(PREFIX);

/**
 * The webhooks that are forwarded, as they came. They are stored before `accept` resolves, and forwarded at least once. A URL
 * that fails affects neither others nor the inbox.
 */
export class Outbox implements Box {
  readonly #options: OutboxOptions;
  readonly #clock: Clock;
  readonly #log: RationedLog;
  readonly #forwards = new Map<string, Forward>();
  #settings: OutboxSettings = { forwards: new Map(), waiting: 0, rememberMs: Number.POSITIVE_INFINITY };
  #storing = 0;
  #term: string | undefined;
  #timer: unknown;
  #stopped = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#clock = options.clock ?? realClock;
    this.#log = new RationedLog(options.logger, this.#clock);
    this.#term = options.leader === undefined ? undefined : NO_TERM;
    options.metrics.collect(() => this.#measure());
  }

  /** Loads what an earlier process has left. @throws StateError */
  async start(): Promise<void> {
    const left = (await this.#options.state.do('waiting', {})).filter(isForwarded);
    this.take(left);
    if (left.length > 0)
      this.#options.logger.info('webhooks of an earlier run are forwarded', { webhooks: left.length });
    this.#expireLater();
  }

  lead(term: string): void {
    this.#term = term;
    this.#expireLater();
  }

  take(events: readonly WaitingEvent[]): void {
    for (const { path, seq, receivedAt } of events.filter(isForwarded))
      this.#forward(path.slice(PREFIX.length)).add(seq, receivedAt);
  }

  /** Attempts that are running finish; another host may repeat them. */
  follow(): void {
    this.#term = NO_TERM;
    this.#clock.clearTimeout(this.#timer);
    for (const forward of this.#forwards.values()) forward.forget();
  }

  /** Forwards to these from now on. The webhooks of others wait until they are too old. */
  use(settings: OutboxSettings): void {
    this.#settings = settings;
    for (const name of settings.forwards.keys()) this.#forward(name);
    for (const [name, forward] of this.#forwards) forward.use(settings.forwards.get(name));
  }

  /** Stores a webhook for each forward of its path. @throws StateError */
  async accept(path: string, headers: IncomingHttpHeaders, body: Buffer): Promise<void> {
    const names = [...this.#settings.forwards].filter(([, forward]) => forward.path === path).map(([name]) => name);
    if (names.length === 0) return;
    const isBusy = this.#storing > 0 && this.#storing + body.length > STORING_MAX;
    if (isBusy || this.#stopped)
      throw new StateError('ESP_STATE_FAILED', isBusy ? 'too many bytes wait to be stored' : 'the host is stopping');
    const signature = headers['x-hub-signature-256'];
    const stored: ForwardedBody = {
      body: body.toString('base64'),
      type: headers['content-type'],
      signature: typeof signature === 'string' ? signature : undefined,
    };
    const event = { id: createHash('sha256').update(body).digest('hex'), key: undefined, data: JSON.stringify(stored) };
    this.#storing += body.length;
    try {
      await Promise.all(names.map((name) => this.#store(name, event)));
    } finally {
      this.#storing -= body.length;
    }
  }

  /** Begins no more attempts, and waits up to `ms` for those that are running. The others stay in the state file. */
  async stop(ms: number): Promise<void> {
    this.#stopped = true;
    this.#clock.clearTimeout(this.#timer);
    await Promise.all([...this.#forwards.values()].map((forward) => forward.stop(ms)));
    this.#log.close();
  }

  /** A forward that has no room must not keep the sender from being answered. */
  async #store(name: string, event: { id: string; key: undefined; data: string }): Promise<void> {
    const { state, leader } = this.#options;
    const most = this.#settings.waiting;
    const forward = this.#forward(name);
    const now = Date.now();
    let seq: number | null | undefined;
    if (forward.waiting < most) {
      forward.reserve(1);
      const given = { path: `${PREFIX}${name}`, now, most, events: [event] };
      [seq] = await state.do('accept', given).finally(() => forward.reserve(-1));
    }
    if (seq === undefined) {
      this.#dropped(name, forward, 1, 'too many wait');
      return;
    }
    forward.metrics.count(seq === null ? 'duplicate' : 'accepted').inc();
    if (leader !== undefined) leader.stored();
    else if (seq !== null) forward.add(seq, now);
  }

  #forward(name: string): Forward {
    const known = this.#forwards.get(name);
    if (known !== undefined) return known;
    const { state, http, metrics } = this.#options;
    const term = () => this.#term;
    const parts = { state, term, http, metrics: metrics.forward(name), log: this.#log, clock: this.#clock };
    const forward = new Forward(name, parts);
    this.#forwards.set(name, forward);
    return forward;
  }

  #expireLater(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = this.#clock.setTimeout(() => void this.#expire(), EXPIRE_MS);
  }

  async #expire(): Promise<void> {
    const before = Date.now() - this.#settings.rememberMs;
    for (const [name, forward] of this.#forwards) {
      const dropped = await forward.expire(before);
      if (dropped > 0) this.#dropped(name, forward, dropped, 'they have waited for too long');
    }
    if (!this.#stopped && this.#term !== NO_TERM) this.#expireLater();
  }

  #dropped(name: string, { metrics }: Forward, webhooks: number, why: string): void {
    metrics.count('dropped').inc(webhooks);
    this.#log.write(
      'error',
      'webhook forward dropped',
      name,
      () => `webhooks are not forwarded but dropped: ${why}`,
      () => ({ forward: name, webhooks }),
    );
  }

  #measure(): void {
    const now = Date.now();
    for (const forward of this.#forwards.values()) {
      forward.metrics.measured(forward.waiting, now - forward.oldest(now));
    }
  }
}
