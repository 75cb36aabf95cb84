export type { Changes, Swapped } from './changes.js';
export { follow } from './follow.js';
export { type Applied, type Outcome, type Refused, Reloads } from './reloads.js';
