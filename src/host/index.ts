export type { EspCall, TypedCall } from './call.js';
export * from './command.js';
export { withTimeout } from './deadlines.js';
export * from './dispatcher.js';
export * from './errors.js';
export type { Client, PendingExchange, Reply } from './exchange.js';
export * from './host.js';
export { AnswerTooLargeError, httpClient } from './http.js';
export {
  deadlineOf,
  EspMethod,
  type EspMethodHandler,
  type EspMethodOptions,
  EspResponse,
  type EspResult,
  type HandlerClass,
  type MethodDefinition,
  methodDefinition,
  methodName,
} from './method.js';
export * from './mock.js';
export type { HostObserver, StoredWebhook, UpstreamCall, WebhookObserver } from './observer.js';
export { parameterReader, unwrap } from './parameters.js';
export * from './plugin.js';
export { withOtherKeys } from './response.js';
export { CHANNEL_PARAMETER } from './routing.js';
export * from './webhook.js';
