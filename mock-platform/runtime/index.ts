export {
  entryOf,
  exported,
  exportedTest,
  httpStubsIn,
  httpStubsOf,
  journalledCalls,
  reset,
  runFile,
  type Sent,
  type StubbedServer,
  send,
  stubbedServers,
  stubsFromJournal,
  stubsOf,
  upstreamOf,
  waitingFor,
} from './actions.js';
export {
  checkTls,
  loadApplications,
  type PlatformApplication,
  type StartedApplications,
  startApplications,
} from './applications.js';
export { type Connection, Connections } from './connections.js';
export { createInstruments, type Instruments } from './instruments.js';
export type { RunningPlatform } from './running-platform.js';
export { serveStubs } from './serve-stubs.js';
export { StubFiles, stubbedIn } from './stub-files.js';
export { readText, replaceText, type TextFile } from './text-file.js';
