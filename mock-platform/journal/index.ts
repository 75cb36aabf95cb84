export type { JournalCall, JournalEntry, JournalLog, JournalMessage, Marks, Outcome } from './entry.js';
export type { Expected, JournalFilter } from './filter.js';
export { Journal, type JournalChange, type JournalOptions, type LogRecord } from './journal.js';
export { TappedLogger } from './tapped-logger.js';
export { type Times, type Verification, verify } from './verify.js';
export { JournalWatch } from './watch.js';
