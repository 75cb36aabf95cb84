import { type EspRequest, type KeyValueEntry, parametersOf, parameterWords, textOf } from '#wire';
import { ExportError } from '../errors.js';

/**
 * Formats a command for POSIX shells that sends a request again. @param options such as `--to`
 * @param what names the request in errors. @throws ExportError
 */
export function sendLine(request: EspRequest, options: readonly string[], what: string): string {
  const { appName, appType } = request;
  const { userData } = request;
  const all = [
    ...options,
    ...(appName === undefined ? [] : ['--app-name', appName]),
    ...(appType === undefined ? [] : ['--app-type', typeWord(appType)]),
    ...(request.text === 'utf16' ? ['--utf16'] : []),
    ...parameterWords(userData).flatMap((word) => ['--user-data', word]),
  ];
  const words = [request.service, request.method, ...parameterWords(parametersOf(request.list))];
  const line = words.some((word) => word.startsWith('-')) ? [...all, '--', ...words] : [...words, ...all];
  if (line.some((word) => word.includes('\0') || !word.isWellFormed())) {
    throw new ExportError(`${what} contains text that a command line cannot express: export it as stub`);
  }
  return `npx esp-host send ${line.map(shellWord).join(' ')}\n`;
}

/** Quotes digits that were sent as a string, because bare digits are sent as an int. */
function typeWord(appType: KeyValueEntry): string {
  const text = textOf(appType);
  if (text === undefined) return String(appType.value);
  return /^\d+$/.test(text) ? `"${text}"` : text;
}

export const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
