/** Plugins and methods tested in isolation, through the host's own dispatcher and without sockets. */
import 'reflect-metadata';

export type { LogLine } from './captured-logger.js';
export { FakeClock } from './fake-clock.js';
export { type FakeHttp, fakeHttp, type UpstreamRequest } from './fake-http.js';
export { type FakeReply, UnexpectedCall } from './fake-reply.js';
export { espMatchers } from './matchers.js';
export type { EspOutcome } from './outcome.js';
export type { PlainResult, PlainResults } from './plain.js';
export { type MethodOptions, TestedMethod, testMethod } from './tested-method.js';
export { type CallOptions, type ChannelValues, TestedPlugin, type TestOptions, testPlugin } from './tested-plugin.js';
