/** A whole host in process: `await Server.start({ prepared: await prepare(loadConfig('config.yaml'), ...) })`. */
export { ConfigError, type LoadedConfig, LoadedFile, loadConfig, loadYaml } from '../config/index.js';
export { HostError, type HostObserver, methodName, type UpstreamCall } from '../host/index.js';
export { createLogger, type LogLevel, type RootLogger } from '../telemetry/index.js';
export { type Prepared, prepare } from './prepare.js';
export { ListenFailed, listenFailed, Server } from './server.js';
