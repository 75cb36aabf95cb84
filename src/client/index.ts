export { type ClientTls, type ConnectOptions, connect } from './connect.js';
export {
  ClientError,
  type ClientErrorCode,
  ConnectError,
  ConnectionLostError,
  NotConnectedError,
  RequestTimeoutError,
} from './errors.js';
export {
  EspClient,
  type EspClientEvents,
  type EspClientOptions,
  type EspReply,
  type EspRequestOptions,
  type ReconnectOptions,
  requestOf,
  type WaitOptions,
} from './esp-client.js';
export { type AddpOptions, EspConnection, type EspConnectionOptions, type PendingReply } from './esp-connection.js';
export { Load } from './load.js';
export type { LoadOptions } from './load-connection.js';
export type { Latencies, LoadTotals } from './load-totals.js';
export { formatParameters, parameterWords, parseParameters } from './parameters.js';
