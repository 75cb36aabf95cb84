import { type CircuitBreakerPolicy, CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen } from 'cockatiel';
import { ConnectionFailedError, type LabelledGauge, type Logger, type Metrics } from 'esp-host';
import { CallError, type Outcome, outcomeOf } from '../errors.js';

export interface BreakerSettings {
  /** Consecutive failures that open the circuit. */
  readonly failures: number;
  /** How long the circuit stays open before one call probes the upstream. */
  readonly probeAfterMs: number;
}

/** Failures of the upstream or the network, as opposed to wrong requests or credentials. */
const UPSTREAM_FAILURES: ReadonlySet<Outcome | undefined> = new Set<Outcome>([
  'unreachable',
  'broken',
  'timeout',
  'throttled',
  'server_error',
]);

/**
 * A circuit breaker: after consecutive failures, an upstream counts as down for a while, and requests fail at once
 * instead of waiting for another failure. Then one call probes, and its outcome decides.
 */
export class Breaker {
  readonly #policy: CircuitBreakerPolicy;
  readonly #state: LabelledGauge;
  #down = false;
  #probeAt = 0;
  /** Shared by all calls that are not made, because each error takes a stack trace. */
  #notCalled: CallError | undefined;

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
      handleWhen((error) => UPSTREAM_FAILURES.has(outcomeOf(error))),
      { breaker: new ConsecutiveBreaker(settings.failures), halfOpenAfter: settings.probeAfterMs },
    );
    this.#policy.onBreak((reason) => this.#opened('error' in reason ? (reason.error as Error) : undefined));
    this.#policy.onHalfOpen(() => this.#state.set(1));
    this.#policy.onReset(() => this.#closed());
    metrics.collect(() => this.#report());
  }

  /** The error of each call while the upstream counts as down, else undefined. */
  down(): ConnectionFailedError | undefined {
    const { state } = this.#policy;
    if (state === CircuitState.Closed || (state === CircuitState.Open && Date.now() >= this.#probeAt)) return undefined;
    return new ConnectionFailedError(this.channel, this.url, { cause: this.#notCalled });
  }

  /** @throws ConnectionFailedError while the upstream counts as down */
  check(): void {
    const down = this.down();
    if (down !== undefined) throw down;
  }

  /** Makes a call unless the upstream counts as down, and records its outcome. @throws ConnectionFailedError */
  run<T>(call: () => Promise<T>): Promise<T> {
    this.check();
    return this.#policy.execute(call);
  }

  /** The circuit is half-open as soon as the next call may probe, whether or not one comes. */
  #report(): void {
    if (this.#policy.state === CircuitState.Open && Date.now() >= this.#probeAt) this.#state.set(1);
  }

  #opened(error: Error | undefined): void {
    const { channel, url } = this;
    const { failures, probeAfterMs } = this.settings;
    this.#probeAt = Date.now() + probeAfterMs;
    const lastFailure = (error?.cause as Error | undefined)?.message ?? '';
    this.#notCalled = new CallError('not_made', `${failures} consecutive calls failed, the last: ${lastFailure}`);
    this.#state.set(2);
    // A failed probe is not news.
    if (!this.#down) {
      const text = `channel ${channel}: ${failures} consecutive calls failed; ${url} counts as down until a call succeeds`;
      this.logger.warn(`${text} (one every ${probeAfterMs} ms): ${lastFailure}`, { channel });
    }
    this.#down = true;
  }

  #closed(): void {
    const { channel } = this;
    this.#down = false;
    this.#state.set(0);
    this.logger.info(`channel ${channel}: ${this.url} is back`, { channel });
  }
}
