export { StateError } from './errors.js';
export { type OpenStateOptions, openState, type StateSettings } from './open-state.js';
export type { StoredEvent, WaitingEvent } from './operations.js';
export {
  type FindOptions,
  type PutOptions,
  type RecordChange,
  Records,
  type State,
  type StoredRecord,
  Transaction,
} from './records.js';
export { type RedisExamination, RedisState, type RedisStateOptions } from './redis-state.js';
export { StateFile } from './state-file.js';
export type { Lease, StateStore } from './store.js';
