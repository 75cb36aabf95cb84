export { Load } from './load.js';
export type { LoadOptions } from './load-connection.js';
export { Latencies, LoadTotals } from './totals.js';
