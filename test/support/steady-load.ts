import { setTimeout as sleep } from 'node:timers/promises';
import { EspClient, RequestTimeoutError } from 'esp-host/client';
import { Changes } from './eventually.js';

/** How long after a failure it is tried again to connect, in ms. */
const RECONNECT_MS = 10;

/** What became of requests; each ends in one of the first six. */
export interface Counts {
  /** Answered with the number that was asked for. */
  right: number;
  faults: number;
  /** Their connection ended before a reply. */
  lost: number;
  /** Answered with anything else. */
  wrong: number;
  /** Unanswered, while their connection stood. */
  missing: number;
  /** Replies without a pending request: second ones. */
  unasked: number;
}

export interface SteadyLoadOptions {
  readonly port: number;
  readonly connections: number;
  /** Requests of a connection that are under way at one time. */
  readonly inFlight: number;
  /** After this a reply counts as missing. */
  readonly timeoutMs: number;
}

/**
 * Asks ValidateContact for one number after the other, whatever happens to the host and what is behind it: a connection
 * that ends is opened again as soon as a server listens.
 */
export class SteadyLoad {
  readonly counts: Counts = { right: 0, faults: 0, lost: 0, wrong: 0, missing: 0, unasked: 0 };
  /** By code and text. */
  readonly faults = new Map<string, number>();
  /** The difference between actual and expected replies, for a message. */
  readonly wrong: string[] = [];
  readonly #options: SteadyLoadOptions;
  readonly #running: Promise<void>[];
  #asked = 0;
  #over = false;
  readonly #changes = new Changes();

  constructor(options: SteadyLoadOptions) {
    this.#options = options;
    this.#running = Array.from({ length: options.connections }, () => this.#connection());
  }

  /** Continues until so many more requests have ended in this way. @throws Error if a reply is wrong */
  async more(how: keyof Counts, count: number): Promise<void> {
    const until = this.counts[how] + count;
    const seen = () => `${until} requests that end '${how}'; so far ${JSON.stringify(this.counts)}`;
    await this.#changes.first(() => {
      if (this.wrong.length > 0) throw new Error(`wrong answers: ${this.wrong.slice(0, 5).join(', ')}`);
      return this.counts[how] >= until ? true : undefined;
    }, seen);
  }

  /** Sends no more requests, and waits for pending ones. */
  async end(): Promise<void> {
    this.#over = true;
    await Promise.all(this.#running);
  }

  async #connection(): Promise<void> {
    const { port, inFlight, timeoutMs } = this.#options;
    const events = { unmatched: () => this.#count('unasked') };
    const client = new EspClient({ host: '127.0.0.1', port, requestTimeoutMs: timeoutMs, events });
    const ask = async (): Promise<void> => {
      while (!this.#over) {
        if (client.connected) await this.#ask(client);
        else await client.connect().catch(() => sleep(RECONNECT_MS));
      }
    };
    await Promise.all(Array.from({ length: inFlight }, ask));
    await client.close();
  }

  async #ask(client: EspClient): Promise<void> {
    const Id = `+4930${1_000_000 + (this.#asked++ % 9_000_000)}`;
    try {
      const call = { service: 'Messaging', method: 'ValidateContact', parameters: { Id } };
      const { parameters, fault } = await client.request(call);
      const answer = parameters.string('Id');
      if (fault !== undefined) this.#fault(`${fault.code} ${fault.text}`);
      else if (answer === Id) this.#count('right');
      else {
        this.wrong.push(`${answer} for ${Id}`);
        this.#count('wrong');
      }
    } catch (error) {
      this.#count(error instanceof RequestTimeoutError ? 'missing' : 'lost');
    }
  }

  #fault(text: string): void {
    this.faults.set(text, (this.faults.get(text) ?? 0) + 1);
    this.#count('faults');
  }

  #count(how: keyof Counts): void {
    this.counts[how]++;
    this.#changes.announce();
  }
}
