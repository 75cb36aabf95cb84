export type { StoredEvent, WaitingEvent } from './database.js';
export { StateError } from './errors.js';
export {
  type FindOptions,
  type PutOptions,
  type RecordChange,
  Records,
  type State,
  type StoredRecord,
  Transaction,
} from './records.js';
export { StateFile } from './state-file.js';
