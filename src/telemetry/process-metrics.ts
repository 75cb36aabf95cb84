import { collectDefaultMetrics, Registry } from 'prom-client';

let registry: Registry | undefined;

/**
 * CPU, memory, garbage collection, event-loop delay (`nodejs_eventloop_lag_*`) and the like, of this process: measured
 * from the first call on, and once, however many hosts the process has.
 */
export function processMetrics(): { text(): Promise<string> } {
  const measured = registry ?? new Registry();
  if (registry === undefined) collectDefaultMetrics({ register: measured });
  registry = measured;
  return { text: () => measured.metrics() };
}
