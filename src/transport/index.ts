export * from './drain.js';
export * from './esp-socket.js';
export * from './listener.js';
