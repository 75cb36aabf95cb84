export { type ExaminationOptions, examine } from './examine.js';
export { hintsOf } from './hints.js';
export type { InteractionServerAddress } from './interaction-server.js';
