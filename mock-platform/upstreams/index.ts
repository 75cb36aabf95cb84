export { CallLog } from './call-log.js';
export { HostWebhooks } from './host-webhooks.js';
export type { EntryOf, ForcedResponse, Responder } from './server.js';
export { startUpstream, type Upstream, type UpstreamOptions } from './upstream.js';
export {
  type ExpectedWebhook,
  type PostedWebhook,
  type WaitOptions,
  WebhookLog,
  type WebhookOutcome,
} from './webhook-log.js';
