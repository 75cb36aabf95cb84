/** `#mock-platform`: the mock platform, with what only the commands need. */
export { webFile } from './admin/index.js';
export { recordedExport, recordedRequests, stubsFrom } from './export/index.js';
export * from './index.js';
export {
  type CheckedKind,
  checkFile,
  FILE_SCHEMAS,
  mockSettings,
  type Surroundings,
  sweepWithSamples,
} from './platform/index.js';
export { startRecording } from './recording/index.js';
export { serveStubs } from './runtime/index.js';
export { type CallingStep, callingSteps, caseText, junit, resultText, runText, sweepText } from './strategies/index.js';
