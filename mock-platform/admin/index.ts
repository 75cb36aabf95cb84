export { type AdminApi, startAdminApi } from './start.js';
