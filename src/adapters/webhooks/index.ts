export type { ForwardSettings } from './forward.js';
export { Inbox, type InboxSettings } from './inbox.js';
export { type Box, Leader, type LeaderOptions } from './leader.js';
export { WebhookMetrics } from './metrics.js';
export { Outbox, type OutboxSettings } from './outbox.js';
export { WebhookAdapter, type WebhookAdapterSettings } from './webhook-adapter.js';
