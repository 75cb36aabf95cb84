export { CallLog } from './call-log.js';
export type { ForcedResponse, Responder } from './server.js';
export { startUpstream, type Upstream, type UpstreamOptions } from './upstream.js';
