export { type Application, Applications, addressText } from './applications.js';
export {
  type Address,
  type AddressedEntry,
  type PlatformConfig,
  platformSchema,
  type StubbedEntry,
} from './schema.js';
