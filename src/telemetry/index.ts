export * from './logger.js';
export * from './metrics.js';
export * from './monitor.js';
export type { LabelledCounter, LabelledGauge, LabelledHistogram } from './series.js';
