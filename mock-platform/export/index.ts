export {
  EXPORT_FORMS,
  type ExportForm,
  type ExportTarget,
  exchangeOf,
  exportText,
  type TextForm,
} from './export.js';
export { httpStubFile, type PlacedCall } from './http-stub-file.js';
export {
  type RecordedApplication,
  type RecordedExportOptions,
  type RecordedRequest,
  recordedExport,
  recordedRequests,
  stubsFrom,
} from './recorded.js';
export { testFile } from './test/test-file.js';
export { testSetting } from './test/test-setting.js';
