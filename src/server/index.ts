/** `#server`: a whole host in process, `await Server.start({ prepared: await prepare(loadConfig('config.yaml'), ...) })`. */
export {
  ConfigError,
  ConfigErrors,
  type LoadedConfig,
  LoadedFile,
  loadConfig,
  loadYaml,
  type Problem,
  parseYaml,
} from '../config/index.js';
export {
  type HostObserver,
  type MethodDefinition,
  methodDefinition,
  methodName,
  type OwnedPanel,
  type StoredWebhook,
  type UpstreamCall,
  type WebhookObserver,
} from '../host/index.js';
export { loadPlugin, ModuleCache, pluginEntry, staleBuild } from '../plugin-loading/index.js';
export {
  createLogger,
  cutText,
  errorStack,
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
  RationedLog,
  type RootLogger,
  realClock,
} from '../telemetry/index.js';
export { Change } from './change.js';
export { ListenError, SERVER_ERRORS, ServerError, ServerStoppingError } from './errors.js';
export { type Prepared, prepare, prepareFile, prepareFrom } from './prepare.js';
export { problemsOf } from './problems.js';
export { Reloader, type ReloaderOptions } from './reloader.js';
export { Server, type ServerOptions } from './server.js';
export { type Address, isSameAddress, type Listening, takePort } from './take-port.js';
export { WatchedFiles } from './watched-files.js';
