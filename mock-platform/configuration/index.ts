export { type Application, Applications, addressText, reachable } from './applications.js';
export {
  type Address,
  type AddressedEntry,
  FORMER_PLUGIN,
  FORMER_UPSTREAM,
  type PlatformConfig,
  platformSchema,
  type StubbedEntry,
} from './schema.js';
