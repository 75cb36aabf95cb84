/** A whole host in process: `await Server.start({ prepared: await prepare(loadConfig('config.yaml'), ...) })`. */
export { ConfigError, type LoadedConfig, LoadedFile, loadConfig, loadYaml } from '../config/index.js';
export { HostError } from '../host/index.js';
export { createLogger, type RootLogger } from '../telemetry/index.js';
export { ListenFailed } from './listen-failed.js';
export { type Prepared, prepare } from './prepare.js';
export { Server, type ServerAddress, type ServerOptions } from './server.js';
