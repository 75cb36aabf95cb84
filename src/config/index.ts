export { Application, type Channel, Channels } from './application.js';
export { type LoadedConfig, LoadedFile, loadConfig, loadYaml, parseConfig } from './load.js';
export { nearest } from './nearest.js';
export { ConfigError, type Problem } from './problems.js';
export { type Config, configSchema } from './schema.js';
export { e164, filePath, pemFile, Secret, secret } from './values.js';
