export * from './esp-adapter.js';
