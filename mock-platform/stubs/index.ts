export type { StubExchange } from './connection.js';
export { type AnswerDefinition, loadStubs, type StubDefinition, type StubFile } from './definition.js';
export type { Condition, Match } from './match.js';
export { type StubServer, type StubServerOptions, startStubServer } from './start.js';
export { type ListedStub, type StubAnswer, type StubbedApplication, StubSet } from './stub-set.js';
export type { Value, Values } from './values.js';
