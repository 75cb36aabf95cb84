import { parameterWords } from 'esp-host/client';
import { type KeyValueEntry, textOf } from 'esp-host/wire';
import type { Exchange } from './export.js';
import { ExportError } from './export-error.js';
import { parametersOf } from './parameters-of.js';

/** The command line that sends the request again, for any shell of POSIX. */
export function sendLine({ entry, request, target }: Exchange): string {
  const { appName, appType } = request;
  const { userData } = request;
  const options = [
    ...target.options,
    ...(appName === undefined ? [] : ['--app-name', appName]),
    ...(appType === undefined ? [] : ['--app-type', typeWord(appType)]),
    ...(request.text === 'utf16' ? ['--utf16'] : []),
    ...parameterWords(userData).flatMap((word) => ['--user-data', word]),
  ];
  const words = [request.service, request.method, ...parameterWords(parametersOf(request.list))];
  const all = words.some((word) => word.startsWith('-')) ? [...options, '--', ...words] : [...words, ...options];
  if (all.some((word) => word.includes('\0') || !word.isWellFormed())) {
    throw new ExportError(`entry ${entry.id} holds a text that no command line can: take stub`);
  }
  return `npx esp-host send ${all.map(shellWord).join(' ')}\n`;
}

/** A number is an int: one that was a text stands in quotes. */
function typeWord(appType: KeyValueEntry): string {
  const text = textOf(appType);
  if (text === undefined) return String(appType.value);
  return /^\d+$/.test(text) ? `"${text}"` : text;
}

export const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
