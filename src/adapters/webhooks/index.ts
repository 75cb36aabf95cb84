export { Inbox, type InboxSettings } from './inbox.js';
export { WebhookMetrics } from './metrics.js';
export { WebhookAdapter, type WebhookAdapterSettings } from './webhook-adapter.js';
