export * from './fate.js';
export * from './fates.js';
