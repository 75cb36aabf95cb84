export {
  Application,
  type Channel,
  type ChannelHost,
  type ChannelMistake,
  type ChannelSettings,
  Channels,
  type ChannelType,
  type ChannelTypeOptions,
  channelSchema,
  channelWarnings,
  defineChannel,
  type FormerChannel,
} from './application.js';
export { ConfigError, ConfigErrors, type ConfigProblem, type Problem } from './errors.js';
export {
  type LoadedConfig,
  LoadedFile,
  type LoadedParts,
  loadConfig,
  loadParts,
  loadYaml,
  parseConfig,
  parseYaml,
} from './load.js';
export { redisSettings } from './redis.js';
export { type Config, configSchema, INBOX_DEFAULTS } from './schema.js';
export { nearest } from './suggestions.js';
export { e164, filePath, pemFile, Secret, secret } from './values.js';
