import { LoadConnection, type LoadOptions, RequestFrames } from './load-connection.js';
import { LoadTotals } from './load-totals.js';

/** A timeout is noticed late by up to this share of it. */
const TIMEOUT_SHARE = 0.1;

/**
 * Puts an ESP server under load: a constant number of requests in flight, encoded in advance. It only cuts replies out of
 * the stream and counts them, so that it costs little itself.
 */
export class Load {
  readonly totals = new LoadTotals();
  readonly #connections: LoadConnection[];
  #timer: NodeJS.Timeout | undefined;
  #since = performance.now();

  private constructor(private readonly options: LoadOptions) {
    const requests = new RequestFrames(options.messages, options.charset);
    this.#connections = Array.from(
      { length: options.connections },
      () => new LoadConnection(options, requests, this.totals),
    );
  }

  /** Opens the connections and starts. @throws ConnectError if one of them cannot be opened */
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

  /** Seconds since `totals` started to count. */
  get seconds(): number {
    return (performance.now() - this.#since) / 1000;
  }

  /** Resets the totals, for example after a warm-up. */
  clear(): void {
    this.totals.clear();
    this.#since = performance.now();
  }

  /** Closes the connections. Requests in flight do not count. */
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
