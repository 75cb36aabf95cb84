import { ExecutionFailedError, type LabelledCounter } from 'esp-host';
import { CallProblem } from '../api/outcome.js';
import type { ContactAnswer, ContactLookup, ContactsCall } from './contact-lookup.js';
import type { Turns } from './turns.js';

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
 * Gathers the numbers that are asked for within a moment into one call, and makes few calls at a time, at most so many
 * a second: while they are under way or wait for their turn, the next ones fill up. So a slow upstream holds a bounded
 * number of requests of its own channel, and none of another one.
 */
export class BatchedLookup implements ContactLookup {
  #queue: Waiting[] = [];
  #calls = 0;
  #waitsForTurn = false;
  #timer: NodeJS.Timeout | undefined;

  /** @param turns undefined: as many calls a second as may be */
  constructor(
    private readonly inner: ContactsCall,
    private readonly channel: string,
    private readonly settings: { readonly batch: BatchSettings; readonly calls: CallSettings },
    private readonly turns: Turns | undefined,
    private readonly turnedAway: LabelledCounter,
  ) {}

  lookUp(number: string): Promise<ContactAnswer> {
    const { batch, calls } = this.settings;
    if (this.#queue.length >= calls.queued) {
      this.turnedAway.inc();
      const cause = new CallProblem('not_made', `${calls.queued} numbers wait already`);
      throw new ExecutionFailedError(this.channel, 'overloaded', { cause });
    }
    const waiting = { number, ...Promise.withResolvers<ContactAnswer>() };
    this.#queue.push(waiting);
    if (this.#queue.length >= Math.min(batch.size, calls.queued) || batch.waitMs === 0) this.#start();
    else this.#timer ??= setTimeout(() => this.#start(), batch.waitMs);
    return waiting.promise;
  }

  /** Makes the calls that may be made now; those that may not are made when another has ended. */
  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#queue.length > 0 && this.#calls < this.settings.calls.atOnce && !this.#waitsForTurn) void this.#call();
  }

  async #call(): Promise<void> {
    this.#calls++;
    if (this.turns !== undefined) await this.#turn(this.turns);
    await this.#ask(this.#queue.splice(0, this.settings.batch.size));
    this.#calls--;
    // While the timer runs, what is queued still waits for more.
    if (this.#timer === undefined) this.#start();
  }

  async #turn(turns: Turns): Promise<void> {
    this.#waitsForTurn = true;
    await turns.next();
    this.#waitsForTurn = false;
  }

  async #ask(waiting: readonly Waiting[]): Promise<void> {
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
