export * from './http-adapter.js';
