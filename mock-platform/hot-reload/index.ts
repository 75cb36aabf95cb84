export type { Changes, Swapped } from './changes.js';
export { follow, START_MS } from './follow.js';
export { type Applied, type Outcome, type Refused, Reloads } from './reloads.js';
