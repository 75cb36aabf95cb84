import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

let registry: Registry | undefined;

/** Gauges whose names end as only those of counters may; `nodejs_active_resources` has what they add up. */
const MISNAMED = ['nodejs_active_resources_total', 'nodejs_active_handles_total', 'nodejs_active_requests_total'];

/**
 * CPU, memory, garbage collection, event-loop delay (`nodejs_eventloop_lag_*`) and the like, of this process: measured
 * from the first call on, and once, however many hosts the process has.
 */
export function processMetrics(): { text(): Promise<string> } {
  const measured = registry ?? measure();
  registry = measured;
  return { text: () => measured.metrics() };
}

function measure(): Registry {
  const register = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register });
  for (const name of MISNAMED) register.removeSingleMetric(name);
  const memory = 'Most memory that the process may take: the limit of its cgroup, or all of the machine';
  new Gauge({ name: 'esp_memory_limit_bytes', help: memory, registers }).set(memoryLimit());
  const heap = 'Size of the JavaScript heap at which the process ends, out of memory';
  new Gauge({ name: 'esp_heap_limit_bytes', help: heap, registers }).set(getHeapStatistics().heap_size_limit);
  return register;
}

/** The limit of the cgroup, or of a process without one all that the machine has. */
function memoryLimit(): number {
  // 0 or a huge number where there is no limit.
  const limit = process.constrainedMemory();
  return limit === 0 ? totalmem() : Math.min(limit, totalmem());
}
