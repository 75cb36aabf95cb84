export { type Application, Applications, addressText, reachable } from './applications.js';
export { FORMER_PLUGIN, FORMER_UPSTREAM } from './former.js';
export {
  type Address,
  type AddressedEntry,
  type PlatformConfig,
  platformSchema,
  type StubbedEntry,
} from './schema.js';
