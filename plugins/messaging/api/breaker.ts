import { type CircuitBreakerPolicy, CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen } from 'cockatiel';
import { ConnectionFailedError, type LabelledGauge, type Logger, type Metrics } from 'esp-host';
import { CallProblem, type Outcome, outcomeOf } from './outcome.js';

export interface BreakerSettings {
  /** So many calls that fail one after another open the circuit. */
  readonly failures: number;
  /** How long it stays open before one call tries whether the upstream is back. */
  readonly probeAfterMs: number;
}

/** What the upstream or the way to it brought about; not what a wrong request or a wrong password did. */
const TROUBLE: ReadonlySet<Outcome | undefined> = new Set<Outcome>([
  'unreachable',
  'broken',
  'timeout',
  'throttled',
  'server_error',
]);

/**
 * A circuit breaker: an upstream that fails again and again counts as away for a while, and requests are answered so
 * at once, in place of waiting for one more failure. Then one call probes, and its end decides.
 */
export class Breaker {
  readonly #policy: CircuitBreakerPolicy;
  readonly #state: LabelledGauge;
  #away = false;
  #probeAt = 0;
  /** Why a call is not made; one for all of them, since each takes a stack trace. */
  #notAsked: CallProblem | undefined;

  constructor(
    private readonly channel: string,
    private readonly url: string,
    private readonly settings: BreakerSettings,
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    const help = 'Circuit breaker of the upstream of a channel: 0 closed, 1 half-open (the next call probes), 2 open';
    this.#state = metrics.gauge('esp_upstream_breaker_state', help, { channel });
    this.#policy = circuitBreaker(
      handleWhen((error) => TROUBLE.has(outcomeOf(error))),
      { breaker: new ConsecutiveBreaker(settings.failures), halfOpenAfter: settings.probeAfterMs },
    );
    this.#policy.onBreak((reason) => this.#opened('error' in reason ? (reason.error as Error) : undefined));
    this.#policy.onHalfOpen(() => this.#state.set(1));
    metrics.collect(() => this.#tell());
    this.#policy.onReset(() => this.#closed());
  }

  /** The failure of each call while the upstream counts as away, else undefined. */
  away(): ConnectionFailedError | undefined {
    const { state } = this.#policy;
    if (state === CircuitState.Closed || (state === CircuitState.Open && Date.now() >= this.#probeAt)) return undefined;
    return new ConnectionFailedError(this.channel, this.url, { cause: this.#notAsked });
  }

  /** @throws ConnectionFailedError while the upstream counts as away */
  check(): void {
    const away = this.away();
    if (away !== undefined) throw away;
  }

  /** Makes a call unless the upstream counts as away, and learns from its end. */
  run<T>(call: () => Promise<T>): Promise<T> {
    this.check();
    return this.#policy.execute(call);
  }

  /** An open circuit is half open as soon as the next call may probe, whether or not one comes. */
  #tell(): void {
    if (this.#policy.state === CircuitState.Open && Date.now() >= this.#probeAt) this.#state.set(1);
  }

  #opened(error: Error | undefined): void {
    const { channel } = this;
    const { failures, probeAfterMs } = this.settings;
    this.#probeAt = Date.now() + probeAfterMs;
    const lastFailure = (error?.cause as Error | undefined)?.message ?? '';
    this.#notAsked = new CallProblem(
      'not_made',
      `not asked: ${failures} calls in a row failed, the last: ${lastFailure}`,
    );
    this.#state.set(2);
    // A probe that failed is no news.
    if (!this.#away) {
      const text = `channel ${channel}: ${failures} calls in a row failed; ${this.url} counts as away`;
      this.logger.warn(`${text} until a call succeeds, tried every ${probeAfterMs} ms: ${lastFailure}`, {
        channel,
      });
    }
    this.#away = true;
  }

  #closed(): void {
    const { channel } = this;
    this.#away = false;
    this.#state.set(0);
    this.logger.info(`channel ${channel}: ${this.url} is back`, { channel });
  }
}
