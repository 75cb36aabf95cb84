import { type EspRequest, type KeyValueList, parametersOf } from '#wire';
import { TemplateParser } from '../common/template.js';
import { textIn, valueAt } from './reading.js';

/** Templates in the answers of ESP stubs. */
export const templates = new TemplateParser<EspRequest>({
  values: {
    service: (request) => request.service,
    method: (request) => request.method,
    appName: (request) => request.appName ?? '',
    referenceId: (request) => String(request.referenceId ?? ''),
  },
  paths: {
    parameters: ({ list }, path) => textAt(parametersOf(list), path),
    userData: ({ userData }, path) => textAt(userData, path),
  },
});

function textAt(list: KeyValueList, path: string): string {
  const entry = valueAt(list, path);
  return entry === undefined ? '' : (textIn(entry) ?? '');
}
