export { type ExaminationOptions, examine } from './examine.js';
export type { InteractionServerAddress } from './interaction-server.js';
