export { type ListenerEvents, type ListenerTls, peerOf, REFUSALS, type Refusal } from './acceptor.js';
export * from './buffer-budget.js';
export * from './descriptors.js';
export * from './drain.js';
export * from './errors.js';
export * from './esp-server.js';
export * from './esp-socket.js';
export * from './listener.js';
