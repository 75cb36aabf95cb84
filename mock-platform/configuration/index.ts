export { Applications, type EspApplication } from './applications.js';
export { type Address, type PlatformConfig, platformSchema } from './schema.js';
