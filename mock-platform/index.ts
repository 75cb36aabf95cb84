/** `esp-host/mock`: an in-process mock platform around the host, for development, tests and CI. */
export {
  ExportError,
  FaultRuleError,
  PatternError,
  RecordingError,
  StubError,
  UnknownApplicationError,
  UnknownDataError,
  UnknownEntryError,
  UnknownUpstreamError,
} from './errors.js';
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
export type { Applied, Outcome as ReloadOutcome, Refused, Reloads, Swapped } from './hot-reload/index.js';
export {
  type ConnectedApplication,
  type InteractionServer,
  type InteractionServerOptions,
  startInteractionServer,
} from './interaction-server/index.js';
export {
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
export * from './platform/index.js';
export {
  type Recording,
  type RecordingCounts,
  type RecordingOptions,
  type ReplayOptions,
  ReplayServer,
  startRecording,
} from './recording/index.js';
export * from './relay/index.js';
export {
  type Ask,
  type CaseResult,
  caseText,
  type DataValue,
  type DataValues,
  type Expectation,
  junit,
  loadStrategies,
  loadStrategy,
  type Run,
  type RunOptions,
  type RunStep,
  resultText,
  runStrategy,
  runText,
  runThrough,
  type ServiceRequest,
  type StepOutcome,
  type Strategy,
  type StrategyResult,
  type Sweep,
  type SweepOptions,
  type SweptPath,
  sweepStrategy,
  sweepText,
  type TestCase,
} from './strategies/index.js';
export * from './stubs/index.js';
export {
  CallLog,
  type ForcedResponse,
  type Responder,
  startUpstream,
  type Upstream,
  type UpstreamOptions,
} from './upstreams/index.js';
