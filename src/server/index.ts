/** A whole host in process: `await Server.start({ prepared: await prepare(loadConfig('config.yaml'), ...) })`. */
export { ConfigError, type LoadedConfig, LoadedFile, loadConfig, loadYaml } from '../config/index.js';
export {
  HostError,
  type HostObserver,
  type MethodDefinition,
  methodDefinition,
  methodName,
  type UpstreamCall,
} from '../host/index.js';
export {
  createLogger,
  errorText,
  FIELDS_DEPTH,
  isSecretKey,
  type LoggingOptions,
  type LogLevel,
  MASK,
  maskSecrets,
  maskText,
  maskUrl,
  maskValues,
  type RootLogger,
} from '../telemetry/index.js';
export { ListenFailed } from './listen-failed.js';
export { type Prepared, prepare } from './prepare.js';
export { Reloader, type ReloaderOptions } from './reloader.js';
export { Server, type ServerOptions } from './server.js';
export type { Address } from './take-port.js';
