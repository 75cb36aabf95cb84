export { cutText } from '../esp/index.js';
export * from './clock.js';
export * from './error-text.js';
export * from './logger.js';
export * from './metrics.js';
export * from './monitor.js';
export * from './rationed-log.js';
export * from './secrets.js';
export type { LabelledCounter, LabelledGauge, LabelledHistogram } from './series.js';
