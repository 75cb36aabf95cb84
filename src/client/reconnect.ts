export interface ReconnectOptions {
  readonly minMs: number;
  readonly maxMs: number;
}

/** How long to wait before attempt number `attempt` (from 0): doubling from min to max, and up to a fifth less. */
export function backoffMs({ minMs, maxMs }: ReconnectOptions, attempt: number, random: () => number): number {
  const full = Math.min(maxMs, minMs * 2 ** Math.min(attempt, 30));
  return Math.round(full * (1 - random() * 0.2));
}
