export {
  EXPORT_FORMS,
  type ExportForm,
  type ExportTarget,
  exchangeOf,
  exportText,
  type TextForm,
} from './export.js';
export { type RecordedExportOptions, recordedExport } from './recorded-exchange.js';
export { type RecordedRequest, recordedRequests } from './recorded-requests.js';
export { type RecordedApplication, stubsFrom } from './recorded-stubs.js';
export { testFile } from './test/test-file.js';
export { testSetting } from './test/test-setting.js';
