export { CAUSE_KINDS, type Cause, causeOf } from './cause.js';
export type {
  CallMarks,
  FaultOrigin,
  InjectedFault,
  JournalCall,
  JournalEntry,
  JournalLog,
  JournalMessage,
  Marks,
  Outcome,
} from './entry.js';
export { type Expected, type JournalFilter, matcher } from './filter.js';
export {
  Journal,
  type JournalChange,
  type JournalOptions,
  type LogRecord,
  type Verification,
  verify,
} from './journal.js';
export { parametersOf, searchable } from './search.js';
export { TappedLogger } from './tapped-logger.js';
export { JournalWatch } from './watch.js';
