export { CHECK_IDS, type ConformResult, conform } from './conform.js';
export { CONFORM_ERRORS, DeviationError } from './errors.js';
export type { SubjectOptions } from './subject.js';
