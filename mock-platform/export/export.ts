import { isSecretKey } from 'esp-host/server';
import { EspRequest, type JsonMessage, messageFromJson } from 'esp-host/wire';
import type { JournalEntry } from '../journal/index.js';
import { ExportError } from './export-error.js';
import { sendLine } from './send-line.js';
import { strategyCase } from './strategy-case.js';
import { stubFile } from './stub-file.js';

export { ExportError } from './export-error.js';

export const EXPORT_FORMS = ['send', 'stub', 'strategy-case'] as const;

export type ExportForm = (typeof EXPORT_FORMS)[number];

/** Whom an exchange was with. */
export interface ExportTarget {
  readonly name: string;
  /** The number of its type. */
  readonly type: number;
  /** What leads `esp-host send` there: `--to` and what else it needs. */
  readonly options: readonly string[];
}

/** What an exchange was, read again from the journal. */
export interface Exchange {
  readonly entry: JournalEntry;
  readonly request: EspRequest;
  readonly message: JsonMessage;
  readonly target: ExportTarget;
}

const MASKED = '# The values of secret keys are not in the journal: put them in.\n';

/** The text that repeats an exchange, in one of the forms. @throws ExportError */
export function exportEntry(entry: JournalEntry, form: ExportForm, target: ExportTarget): string {
  const message = entry.request.json;
  if (message === undefined) throw new ExportError(`entry ${entry.id} cannot be repeated: its lists break the format`);
  const exchange = { entry, request: new EspRequest(messageFromJson(message)), message, target };
  const text = textOf(exchange, form);
  return hasSecrets([message.request, message.userData, entry.reply?.json?.request]) ? MASKED + text : text;
}

function textOf(exchange: Exchange, form: ExportForm): string {
  switch (form) {
    case 'send':
      return sendLine(exchange);
    case 'stub':
      return stubFile(exchange);
    default:
      return strategyCase(exchange);
  }
}

/** Whether a list has a value that the journal masks. */
function hasSecrets(json: unknown): boolean {
  if (!Array.isArray(json)) return false;
  const [key, type] = json as unknown[];
  if (typeof key === 'string' && typeof type === 'string' && json.length === 3 && isSecretKey(key)) return true;
  return json.some(hasSecrets);
}
