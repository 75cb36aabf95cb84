export * from './errors.js';
export * from './fault.js';
export * from './json.js';
export * from './key-value-list.js';
export * from './message.js';
export * from './reply.js';
export * from './request.js';
