import { Latencies } from './latencies.js';

/** What has come of a load so far. */
export class LoadTotals {
  /** Requests that were answered with a response. */
  responses = 0;
  /** Requests that were answered with a fault, by FaultCode. */
  readonly faults = new Map<string, number>();
  /** Requests without a reply in time. */
  timeouts = 0;
  /** Requests that were in flight on a connection that ended. */
  lost = 0;
  /** Replies that no request waited for: late ones, or a second one to a request. */
  unmatched = 0;
  /** Connections that ended or could not be made, by why. */
  readonly connectionErrors = new Map<string, number>();
  /** Of the requests that were answered. */
  readonly latencies = new Latencies();

  get answered(): number {
    return this.latencies.count;
  }

  get faulted(): number {
    return this.answered - this.responses;
  }

  get unanswered(): number {
    return this.timeouts + this.lost;
  }

  /** Forgets everything: a warm-up is over. */
  clear(): void {
    this.responses = 0;
    this.timeouts = 0;
    this.lost = 0;
    this.unmatched = 0;
    this.faults.clear();
    this.connectionErrors.clear();
    this.latencies.clear();
  }
}

export function countOne(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}
