/** `#wire`: messages, bytes, sockets and connections, for the mock platform, which speaks ESP itself. */
export {
  type ClientTls,
  connect,
  EspConnection,
  Load,
  type LoadOptions,
  type PendingReply,
  parameterWords,
  requestOf,
} from './client/index.js';
export * from './esp/index.js';
export * from './transport/index.js';
export * from './wire/index.js';
