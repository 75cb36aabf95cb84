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
export type { EspCall } from './host/call.js';
export type { Finding } from './host/finding.js';
export { AnswerTooLargeError } from './host/http.js';
export { EspMethod, type EspMethodHandler, type EspMethodOptions, EspResponse } from './host/method.js';
export { definePlugin, type PluginDefinition } from './host/plugin.js';
export { Http, inject, optionsToken, PluginLogger } from './host/tokens.js';
export {
  type LabelledCounter,
  type LabelledGauge,
  type LabelledHistogram,
  type Logger,
  Metrics,
  maskCredentials,
} from './telemetry/index.js';
