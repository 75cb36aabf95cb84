export { type Application, Applications, addressText } from './applications.js';
export { type Address, type PlatformConfig, platformSchema } from './schema.js';
