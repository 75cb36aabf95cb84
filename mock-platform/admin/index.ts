export type { ApiTypes } from './api-types.js';
export type { Changed } from './events.js';
export type { Entry, EntryKey, EntryType, Message } from './schemas.js';
export { type AdminApi, startAdminApi } from './start.js';
export { type WebFile, webFile } from './web-files.js';
