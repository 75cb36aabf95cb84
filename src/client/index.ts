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
export { Latencies, Load, type LoadOptions, type LoadTotals } from './load/index.js';
export { parameterWords, parseParameters } from './parameters.js';
