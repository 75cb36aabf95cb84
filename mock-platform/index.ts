/**
 * `esp-host/mock`: an in-process mock platform around the host, for development, tests and CI.
 *
 * @module esp-host/mock
 */
export type { LoadedFile } from '#server';
export type { Address, Application as PlatformApplication } from './configuration/index.js';
export {
  ExportError,
  FaultRuleError,
  MockError,
  type MockErrorCode,
  PatternError,
  StubError,
  UnknownApplicationError,
  UnknownDataError,
  UnknownEntryError,
  UnknownUpstreamError,
} from './errors.js';
export type { TextForm } from './export/index.js';
export type {
  AnyFault,
  FaultDefinition,
  FaultMatch,
  FaultOfCalls,
  FaultOfMock,
  FaultOfRequests,
  FaultOfUpstream,
  FaultRule,
  FaultStatus,
  Faults,
} from './faults/index.js';
export {
  type ConnectedApplication,
  type InteractionServer,
  type InteractionServerOptions,
  startInteractionServer,
} from './interaction-server/index.js';
export type {
  Expected,
  Journal,
  JournalCall,
  JournalChange,
  JournalEntry,
  JournalFilter,
  JournalLog,
  JournalMessage,
  Marks,
  Outcome,
  Verification,
} from './journal/index.js';
export type { MeantParameters, Times } from './matching.js';
export {
  type Platform,
  type PlatformOptions,
  type PlatformPorts,
  runCase,
  sampleResponses,
  startOnFreePorts,
  startPlatform,
} from './platform/index.js';
export {
  type CaseResult,
  type DataValue,
  type DataValues,
  type End,
  type Expectation,
  loadStrategies,
  loadStrategy,
  type Run,
  type RunOptions,
  type RunStep,
  runThrough,
  type Samples,
  type ServiceRequest,
  type StepOutcome,
  type Strategy,
  type Sweep,
  type SweepOptions,
  type SweptPath,
  sweepStrategy,
  type TestCase,
} from './strategies/index.js';
export {
  type AnswerDefinition,
  type AnyAnswer,
  type AnyStub,
  type Condition,
  type HttpAnswerDefinition,
  type HttpExpected,
  type HttpMatch,
  type HttpReplyDefinition,
  type HttpStubDefinition,
  type HttpStubFile,
  type HttpStubRequest,
  type HttpStubServerOptions,
  HttpStubSet,
  type HttpStubSettings,
  type HttpVerification,
  type JsonCondition,
  type ListedStub,
  loadHttpStubs,
  loadStubs,
  type Match,
  type ReplyDefinition,
  type StubAnswer,
  type StubbedApplication,
  type StubbedUpstream,
  type StubDefinition,
  type StubExchange,
  type StubFile,
  type StubList,
  type StubServer,
  type StubServerOptions,
  StubSet,
  startHttpStubServer,
  startStubServer,
  type TextCondition,
  type Value,
  type Values,
} from './stubs/index.js';
export {
  type CallLog,
  type ForcedResponse,
  type Responder,
  startUpstream,
  type Upstream,
  type UpstreamOptions,
} from './upstreams/index.js';
