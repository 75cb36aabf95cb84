/** `esp-host/mock`: the contact centre around the host, in process, for a laptop, for tests and for CI. */
export { UnknownApplication, UnknownEntry } from './control.js';
export { ExportError, RecordingError } from './errors.js';
export {
  EXPORT_FORMS,
  type ExportForm,
  type RecordedApplication,
  type RecordedExportOptions,
  type RecordedRequest,
  recordedExport,
  recordedRequests,
  stubsFrom,
  type TextForm,
} from './export/index.js';
export * from './faults/index.js';
export type { Applied, Outcome as ReloadOutcome, Refused, Reloads, Swapped } from './following/index.js';
export {
  type ConnectedApplication,
  type InteractionServer,
  type InteractionServerOptions,
  startInteractionServer,
} from './interaction-server/index.js';
export {
  annotate,
  type ByteRange,
  type Expected,
  Journal,
  type JournalCall,
  type JournalChange,
  type JournalEntry,
  type JournalFilter,
  type JournalLog,
  type JournalMessage,
  type JournalOptions,
  type Outcome,
} from './journal/index.js';
export { PatternError } from './matching.js';
export { type Platform, type PlatformOptions, type PlatformPorts, startPlatform } from './platform.js';
export * from './recording/index.js';
export * from './relay/index.js';
export * from './strategies/index.js';
export * from './stubs/index.js';
export * from './whatsapp/index.js';
