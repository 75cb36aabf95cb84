import { LoadConnection } from './load-connection.js';
import type { LoadOptions } from './load-options.js';
import { LoadTotals } from './load-totals.js';
import { Requests } from './requests.js';

/** A timeout is seen when it is over by up to this share of it. */
const TIMEOUT_SHARE = 0.1;

/**
 * Keeps an ESP server busy: as many requests under way as was asked for, at any time, with bytes that were built
 * beforehand. It only cuts replies out of the stream and counts them, so that it is not what is measured.
 */
export class Load {
  readonly totals = new LoadTotals();
  readonly #connections: LoadConnection[];
  #timer: NodeJS.Timeout | undefined;
  #since = performance.now();

  private constructor(private readonly options: LoadOptions) {
    const requests = new Requests(options.messages, options.charset);
    this.#connections = Array.from(
      { length: options.connections },
      () => new LoadConnection(options, requests, this.totals),
    );
  }

  /** Opens the connections and begins. @throws ConnectError where one of them cannot be made */
  static async start(options: LoadOptions): Promise<Load> {
    const load = new Load(options);
    try {
      await Promise.all(load.#connections.map((connection) => connection.begin()));
    } catch (error) {
      load.stop();
      throw error;
    }
    load.#watch();
    load.clear();
    return load;
  }

  /** Since when `totals` count, in seconds. */
  get seconds(): number {
    return (performance.now() - this.#since) / 1000;
  }

  /** Begins to count anew: a warm-up is over. */
  clear(): void {
    this.totals.clear();
    this.#since = performance.now();
  }

  /** Breaks the connections off. What is in flight then counts as nothing. */
  stop(): void {
    clearInterval(this.#timer);
    for (const connection of this.#connections) connection.stop();
  }

  #watch(): void {
    const { timeoutMs } = this.options;
    this.#timer = setInterval(
      () => {
        const before = performance.now() - timeoutMs;
        for (const connection of this.#connections) connection.expire(before);
      },
      Math.max(1, timeoutMs * TIMEOUT_SHARE),
    );
  }
}
