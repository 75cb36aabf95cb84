export { EXPORT_FORMS, ExportError, type ExportForm, type ExportTarget, exportEntry } from './export.js';
export { type RecordedRequest, recordedRequests } from './recorded-requests.js';
export { type RecordedApplication, recordedStubs, stubsFrom } from './recorded-stubs.js';
export { exportTarget } from './target.js';
