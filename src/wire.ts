/** `#wire`: messages, bytes and sockets, for the mock platform, which speaks ESP itself. */
export * from './esp/index.js';
export * from './transport/index.js';
export * from './wire/index.js';
