/** `esp-host/client`: calls ESP servers, as Interaction Server does. */
export {
  type EspMessage,
  type KeyValueEntry,
  KeyValueList,
  listToJson,
  MessageId,
  messageToJson,
  type PlainValues,
} from '../esp/index.js';
export { type ClientTls, type ConnectOptions, connect } from './connect.js';
export { ConnectError, ConnectionLostError, NotConnectedError, RequestTimeoutError } from './errors.js';
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
export { Latencies, type LoadTotals } from './load-totals.js';
export { parameterWords, parseParameters } from './parameters.js';
