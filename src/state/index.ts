export type { StoredEvent, WaitingEvent } from './database.js';
export { StateError } from './errors.js';
export { Records, type State, Transaction } from './records.js';
export { StateFile } from './state-file.js';
