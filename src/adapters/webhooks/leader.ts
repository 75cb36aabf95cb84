import { randomUUID } from 'node:crypto';
import type { Lease, StateStore, WaitingEvent } from '../../state/index.js';
import { type Clock, errorText, type LabelledGauge, type RootLogger, realClock } from '../../telemetry/index.js';

/** What handles stored events while this host has its turn: the inbox and the outbox. */
export interface Box {
  /** Handles the events of a term from now on. */
  lead(term: string): void;
  /** Takes events to handle, oldest first. */
  take(events: readonly WaitingEvent[]): void;
  /** Forgets the events: another host handles them. */
  follow(): void;
}

export interface LeaderOptions {
  readonly state: StateStore;
  readonly lease: Lease;
  readonly logger: RootLogger;
  /** 1 while this host has its turn. */
  readonly leads: LabelledGauge;
  readonly clock?: Clock;
}

/** How often the host that has its turn asks for events that others have stored, and the others ask whether it is theirs. */
const LOOK_MS = 100;
const FOLLOW_MS = 500;

/** How often the host that has its turn extends it. */
const EXTEND_MS = 3000;

/** Events that are loaded at a time. */
const PAGE = 1000;

/** The largest integer of the state. */
export const FOR_EVER = Number.MAX_SAFE_INTEGER;

/** The term of a host that has none. No operation with it changes anything. */
export const NO_TERM = 'none';

/**
 * Several hosts share the state: each stores webhooks, and one at a time handles them. This host asks for its turn, and hands
 * what is stored to its boxes while it has it. It has lost its turn as soon as the state cannot be reached: it asks again.
 */
export class Leader {
  readonly #clock: Clock;
  /** How the names of its terms begin: the answer that tells it of one may get lost. */
  readonly #host = `${randomUUID()} `;
  #terms = 0;
  #boxes: readonly Box[] = [];
  /** The term that lasts, or the last one. */
  #term = NO_TERM;
  #leads = false;
  #extendedAt = 0;
  /** The seq of the last event that the boxes have. */
  #last = 0;
  #looking: Promise<void> | undefined;
  /** Whether to look once more. */
  #again = false;
  #timer: unknown;
  /** Whether it wants its turn. */
  #started = false;

  constructor(private readonly options: LeaderOptions) {
    this.#clock = options.clock ?? realClock;
    options.leads.set(0);
  }

  /** Asks for its turn from now on. */
  start(boxes: readonly Box[]): void {
    if (this.#started) return;
    this.#started = true;
    this.#boxes = boxes;
    this.#next();
  }

  /** Events were stored: looks for them at once if this host has its turn. */
  stored(): void {
    if (this.#leads) this.#next();
  }

  /** Leaves the events to other hosts, until it starts again. Call it when the boxes handle nothing. */
  async stop(): Promise<void> {
    this.#started = false;
    this.#clock.clearTimeout(this.#timer);
    await this.#looking;
    if (this.#started || !this.#leads) return;
    this.#lose();
    // If it cannot be given, it ends by itself.
    await this.options.lease.release(this.#term).catch(() => undefined);
  }

  #next(): void {
    if (!this.#started) return;
    if (this.#looking !== undefined) {
      this.#again = true;
      return;
    }
    this.#clock.clearTimeout(this.#timer);
    this.#looking = this.#look().then(() => {
      this.#looking = undefined;
      if (!this.#started) return;
      const isAsked = this.#again && this.#leads;
      this.#again = false;
      if (isAsked) this.#next();
      else this.#timer = this.#clock.setTimeout(() => this.#next(), this.#leads ? LOOK_MS : FOLLOW_MS);
    });
  }

  async #look(): Promise<void> {
    try {
      if (this.#leads) await this.#extend();
      else await this.#begin();
      if (this.#leads) await this.#load();
    } catch (error) {
      if (this.#leads) this.options.logger.info(`another host may handle webhook events: ${errorText(error)}`);
      this.#lose();
    }
  }

  async #begin(): Promise<void> {
    const term = `${this.#host}${++this.#terms}`;
    const askedAt = this.#clock.now();
    if (!(await this.options.lease.take(term, this.#host))) return;
    this.#term = term;
    this.#leads = true;
    this.#extendedAt = askedAt;
    this.#last = 0;
    this.options.leads.set(1);
    this.options.logger.info('this host handles webhook events');
    for (const box of this.#boxes) box.lead(term);
    await this.#unpark(term);
  }

  /** Events that were parked get further attempts, in the order of the others. */
  async #unpark(term: string): Promise<void> {
    const { state } = this.options;
    for (let unparked = PAGE; unparked === PAGE; ) {
      unparked = (await state.do('unpark', { term, until: FOR_EVER, most: PAGE })).length;
    }
  }

  async #extend(): Promise<void> {
    const now = this.#clock.now();
    if (now - this.#extendedAt < EXTEND_MS) return;
    if (!(await this.options.lease.extend(this.#term))) throw new Error('its turn has ended');
    this.#extendedAt = now;
  }

  async #load(): Promise<void> {
    const { state } = this.options;
    const term = this.#term;
    for (let loaded = PAGE; loaded === PAGE; ) {
      const events = await state.do('waiting', { term, after: this.#last, most: PAGE });
      this.#last = events.at(-1)?.seq ?? this.#last;
      for (const box of this.#boxes) if (events.length > 0) box.take(events);
      loaded = events.length;
    }
  }

  #lose(): void {
    if (!this.#leads) return;
    this.#leads = false;
    this.options.leads.set(0);
    for (const box of this.#boxes) box.follow();
  }
}
