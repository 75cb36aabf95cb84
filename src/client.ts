/**
 * `esp-host/client`: calls ESP servers, as Interaction Server does.
 *
 * @module esp-host/client
 */

export {
  type AddpOptions,
  ClientError,
  type ClientErrorCode,
  type ClientTls,
  ConnectError,
  ConnectionLostError,
  EspClient,
  type EspClientEvents,
  type EspClientOptions,
  type EspReply,
  type EspRequestOptions,
  NotConnectedError,
  type ReconnectOptions,
  RequestTimeoutError,
  type WaitOptions,
} from './client/index.js';
export {
  type EspMessage,
  type JsonEntry,
  type JsonKey,
  type JsonMessage,
  type KeyValueEntry,
  KeyValueList,
  MessageId,
  messageToJson,
  type PlainValue,
  type PlainValues,
} from './esp/index.js';
