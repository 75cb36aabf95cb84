export type { ConnectedApplication } from './application-link.js';
export type { ThirdPartyServerOptions } from './client-connection.js';
export type { ClientRequest, ClientState, InteractionServerObserver, RelayedUnder } from './observer.js';
export { type InteractionServer, type InteractionServerOptions, startInteractionServer } from './start.js';
