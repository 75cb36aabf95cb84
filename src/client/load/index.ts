export { Latencies } from './latencies.js';
export { Load } from './load.js';
export type { LoadOptions } from './load-options.js';
export type { LoadTotals } from './load-totals.js';
