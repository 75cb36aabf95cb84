export { EXPORT_FORMS, ExportError, type ExportForm, type ExportTarget, exportEntry } from './export.js';
export { exportTarget } from './target.js';
