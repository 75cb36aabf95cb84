/** `esp-host/mock`: the contact centre around the host, in process, for a laptop, for tests and for CI. */
export {
  type ConnectedApplication,
  type InteractionServer,
  type InteractionServerOptions,
  startInteractionServer,
} from './interaction-server/index.js';
export * from './journal/index.js';
export { type Platform, type PlatformOptions, type PlatformPorts, startPlatform } from './platform.js';
export * from './relay/index.js';
export * from './strategies/index.js';
export * from './stubs/index.js';
export * from './whatsapp/index.js';
