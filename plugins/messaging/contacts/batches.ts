import { ExecutionFailed, type LabelledCounter } from 'esp-host';
import type { ContactAnswer, ContactLookup, ContactsCall } from './contact-lookup.js';

export interface BatchSettings {
  /** Most numbers of one call. */
  readonly size: number;
  /** How long the first number of a call waits for others; 0: not at all. */
  readonly waitMs: number;
}

export interface CallSettings {
  /** Most calls of a channel at one time: the others wait. */
  readonly atOnce: number;
  /** Most numbers that wait for a call; one more is turned away. */
  readonly queued: number;
}

interface Waiting extends PromiseWithResolvers<ContactAnswer> {
  readonly number: string;
}

/**
 * Gathers the numbers that are asked for within a moment into one call, and makes few calls at a time: while they are
 * under way, the next ones fill up. So a slow upstream holds a bounded number of requests of its own channel, and
 * none of another one.
 */
export class BatchedLookup implements ContactLookup {
  #queue: Waiting[] = [];
  #calls = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly inner: ContactsCall,
    private readonly channel: string,
    private readonly settings: { readonly batch: BatchSettings; readonly calls: CallSettings },
    private readonly turnedAway: LabelledCounter,
  ) {}

  lookUp(number: string): Promise<ContactAnswer> {
    const { batch, calls } = this.settings;
    if (this.#queue.length >= calls.queued) {
      this.turnedAway.inc();
      throw new ExecutionFailed(this.channel, 'overloaded');
    }
    const waiting = { number, ...Promise.withResolvers<ContactAnswer>() };
    this.#queue.push(waiting);
    if (this.#queue.length >= batch.size || batch.waitMs === 0) this.#start();
    else this.#timer ??= setTimeout(() => this.#start(), batch.waitMs);
    return waiting.promise;
  }

  /** Makes the calls that may be made now; those that may not are made when another has ended. */
  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { batch, calls } = this.settings;
    while (this.#queue.length > 0 && this.#calls < calls.atOnce) void this.#call(this.#queue.splice(0, batch.size));
  }

  async #call(waiting: readonly Waiting[]): Promise<void> {
    this.#calls++;
    try {
      const answers = await this.inner.lookUpAll(waiting.map(({ number }) => number));
      for (const { number, resolve, reject } of waiting) {
        const answer = answers.get(number) ?? new ExecutionFailed(this.channel, 'the number is not in the answer');
        if (answer instanceof Error) reject(answer);
        else resolve(answer);
      }
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
    this.#calls--;
    // While the timer runs, what is queued still waits for more.
    if (this.#timer === undefined) this.#start();
  }
}
