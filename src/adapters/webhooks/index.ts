export type { ForwardSettings } from './forward.js';
export { Inbox, type InboxSettings } from './inbox.js';
export { WebhookMetrics } from './metrics.js';
export { Outbox, type OutboxSettings } from './outbox.js';
export { WebhookAdapter, type WebhookAdapterSettings } from './webhook-adapter.js';
