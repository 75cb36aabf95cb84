export * from './esp-socket.js';
export * from './listener.js';
