import { parameterWords } from 'esp-host/client';
import { type EspRequest, type KeyValueEntry, parametersOf, textOf } from 'esp-host/wire';
import { ExportError } from '../errors.js';

/**
 * The command line that sends a request again, for any shell of POSIX. @param options that lead there: `--to`, and more
 * @param what the request is, for the error. @throws ExportError
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
    throw new ExportError(`${what} holds a text that no command line can: take stub`);
  }
  return `npx esp-host send ${line.map(shellWord).join(' ')}\n`;
}

/** A number is an int: one that was a text stands in quotes. */
function typeWord(appType: KeyValueEntry): string {
  const text = textOf(appType);
  if (text === undefined) return String(appType.value);
  return /^\d+$/.test(text) ? `"${text}"` : text;
}

export const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
