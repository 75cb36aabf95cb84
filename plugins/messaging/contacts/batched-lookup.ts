import { ExecutionFailedError, type LabelledCounter } from 'esp-host';
import { CallError } from '../errors.js';
import type { RateLimiter } from '../limits/rate-limiter.js';
import type { ContactAnswer, ContactLookup, ContactsCall } from './contact-lookup.js';

export interface BatchSettings {
  /** Maximum numbers per call. */
  readonly size: number;
  /** How long the first number of a call waits for more. 0: not at all. */
  readonly waitMs: number;
}

export interface CallSettings {
  /** Maximum concurrent calls of a channel. */
  readonly atOnce: number;
  /** Maximum numbers that wait for a call. Further ones are rejected. */
  readonly queued: number;
}

interface Waiting extends PromiseWithResolvers<ContactAnswer> {
  readonly number: string;
}

/**
 * Combines numbers that are requested within a moment into one call, and limits the calls at a time and per second.
 * Meanwhile, further numbers fill the next calls. So a slow upstream delays a bounded number of requests of its own
 * channel, and no others.
 */
export class BatchedLookup implements ContactLookup {
  #queue: Waiting[] = [];
  #calls = 0;
  #waitsForTurn = false;
  #timer: NodeJS.Timeout | undefined;

  /** @param rateLimiter undefined: no limit of calls per second */
  constructor(
    private readonly inner: ContactsCall,
    private readonly channel: string,
    private readonly settings: { readonly batch: BatchSettings; readonly calls: CallSettings },
    private readonly rateLimiter: RateLimiter | undefined,
    private readonly rejected: LabelledCounter,
  ) {}

  lookUp(number: string): Promise<ContactAnswer> {
    const { batch, calls } = this.settings;
    if (this.#queue.length >= calls.queued) {
      this.rejected.inc();
      const cause = new CallError('not_made', `the queue of ${calls.queued} numbers is full`);
      throw new ExecutionFailedError(this.channel, 'overloaded', { cause });
    }
    const waiting = { number, ...Promise.withResolvers<ContactAnswer>() };
    this.#queue.push(waiting);
    if (this.#queue.length >= Math.min(batch.size, calls.queued) || batch.waitMs === 0) this.#start();
    else this.#timer ??= setTimeout(() => this.#start(), batch.waitMs);
    return waiting.promise;
  }

  /** Starts the calls that the limits allow. The end of a call starts the next ones. */
  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#queue.length > 0 && this.#calls < this.settings.calls.atOnce && !this.#waitsForTurn) void this.#call();
  }

  async #call(): Promise<void> {
    this.#calls++;
    if (this.rateLimiter !== undefined) await this.#turn(this.rateLimiter);
    await this.#lookUpAll(this.#queue.splice(0, this.settings.batch.size));
    this.#calls--;
    // While the timer runs, the queued numbers wait for more.
    if (this.#timer === undefined) this.#start();
  }

  async #turn(rateLimiter: RateLimiter): Promise<void> {
    this.#waitsForTurn = true;
    await rateLimiter.turn();
    this.#waitsForTurn = false;
  }

  async #lookUpAll(waiting: readonly Waiting[]): Promise<void> {
    try {
      const answers = await this.inner.lookUpAll(waiting.map(({ number }) => number));
      for (const { number, resolve, reject } of waiting) {
        const answer = answers.get(number) ?? new ExecutionFailedError(this.channel, 'the number is not in the answer');
        if (answer instanceof Error) reject(answer);
        else resolve(answer);
      }
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }
}
