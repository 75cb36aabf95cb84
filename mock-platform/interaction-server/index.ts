export type { ConnectedApplication } from './application-link.js';
export { type InteractionServer, type InteractionServerOptions, startInteractionServer } from './start.js';
