export { type Application, Applications, addressText, type NamedApplication, reachable } from './applications.js';
export {
  type Address,
  type AddressedEntry,
  type PlatformConfig,
  platformSchema,
  type StubbedEntry,
} from './schema.js';
