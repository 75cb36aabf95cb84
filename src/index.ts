/** The public API of esp-host: all that a plugin needs, so that its author installs nothing else. */
import 'reflect-metadata';

export type { Got } from 'got';
export { Container, injectable, optional, type ServiceIdentifier } from 'inversify';
export { z } from 'zod';
export {
  Application,
  type Channel,
  Channels,
  type ChannelType,
  defineChannel,
  e164,
  filePath,
  nearest,
  pemFile,
  Secret,
  secret,
} from './config/index.js';
export {
  CodedError,
  ConnectionFailedError,
  type ErrorTable,
  EspFault,
  ExecutionFailedError,
  IncorrectParameterError,
  type KeyValueEntry,
  KeyValueList,
  OutcomeUnknownError,
  type PlainValue,
  type PlainValues,
} from './esp/index.js';
export {
  AnswerTooLargeError,
  defineMock,
  definePlugin,
  type EspCall,
  EspMethod,
  type EspMethodHandler,
  type EspMethodOptions,
  EspResponse,
  type Finding,
  Http,
  inject,
  type JournalledCall,
  type Mock,
  type MockCall,
  type MockContext,
  type MockDefinition,
  type MockHandler,
  type MockRequest,
  type MockResponse,
  type MockRoute,
  MockRouteError,
  mockRoute,
  optionsToken,
  type PluginDefinition,
  PluginLogger,
  type SampleResponse,
  type SampleResponses,
  type SampleValues,
  TimeoutError,
  withTimeout,
} from './host/index.js';
export {
  type LabelledCounter,
  type LabelledGauge,
  type LabelledHistogram,
  type Logger,
  Metrics,
  maskCredentials,
} from './telemetry/index.js';
