export * from './buffer-budget.js';
export * from './descriptors.js';
export * from './drain.js';
export * from './esp-server.js';
export * from './esp-socket.js';
export * from './listener.js';
