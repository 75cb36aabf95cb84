/** `esp-host/wire`: messages, bytes and sockets, for programs that speak ESP themselves (relays, recorders, tests). */
export * from './esp/index.js';
export * from './transport/index.js';
export * from './wire/index.js';
