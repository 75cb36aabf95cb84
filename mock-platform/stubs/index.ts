export type { Condition } from './common/condition.js';
export { type AnyAnswer, type AnyStub, type ListedStub, StubList } from './common/stub-list.js';
export type { StubExchange } from './esp/connection.js';
export {
  type AnswerDefinition,
  loadStubs,
  parseStubs,
  type ReplyDefinition,
  type StubbedApplication,
  type StubDefinition,
  type StubFile,
  stubFileSchema,
  stubSchema,
} from './esp/definition.js';
export type { Match } from './esp/match.js';
export { valueAt } from './esp/reading.js';
export { type StubServer, type StubServerOptions, startStubServer, startStubs } from './esp/start.js';
export { type StubAnswer, StubSet } from './esp/stub-set.js';
export type { Value, Values } from './esp/values.js';
export {
  type HttpAnswerDefinition,
  type HttpExpected,
  type HttpReplyDefinition,
  type HttpStubDefinition,
  type HttpStubFile,
  httpStubFileSchema,
  httpStubSchema,
  loadHttpStubs,
  parseHttpStubs,
} from './http/definition.js';
export type { HttpMatch, JsonCondition, TextCondition } from './http/match.js';
export { type HttpStubAnswer, type HttpStubRequest, HttpStubSet, type HttpVerification } from './http/stub-set.js';
export { JSON_DEPTH_MAX } from './http/template.js';
export {
  type HttpStubServerOptions,
  type HttpStubSettings,
  type StubbedUpstream,
  startHttpStubServer,
  stubbedUpstream,
} from './http/upstream.js';
