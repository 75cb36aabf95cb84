/**
 * `esp-host/testing`: tests plugins and methods in isolation, with the host's own dispatcher and without sockets.
 *
 * @module esp-host/testing
 */
import 'reflect-metadata';

export type { LogLine } from './captured-logger.js';
export { TestingError, type TestingErrorCode, TestSetupError, UnexpectedCallError } from './errors.js';
export { FakeClock } from './fake-clock.js';
export { type FakeHttp, type FakeReply, fakeHttp, type UpstreamRequest } from './fake-http.js';
export { espMatchers, type MatcherContext, type MatcherResult } from './matchers.js';
export type { EspOutcome } from './outcome.js';
export {
  type CallOptions,
  type ChannelValues,
  type CommandOutcome,
  DEFAULT_APPLICATION,
  type MethodOptions,
  TestedMethod,
  TestedPlugin,
  type TestOptions,
  type TestParameters,
  testMethod,
  testPlugin,
} from './tested-plugin.js';
export type { TestedEvent, TestWebhook, WebhookOutcome } from './tested-webhook.js';
