import { EspRequest, type JsonMessage, messageFromJson } from 'esp-host/wire';
import { ExportError } from '../errors.js';
import type { JournalEntry } from '../journal/index.js';
import { hasSecrets } from './exchange.js';
import { sendLine } from './send-line.js';
import { strategyCase } from './strategy-case.js';
import { stubFile } from './stub-file.js';

/** The forms in which an exchange can be exported. */
export const EXPORT_FORMS = ['send', 'stub', 'strategy-case', 'test'] as const;

/** One of {@link EXPORT_FORMS}. */
export type ExportForm = (typeof EXPORT_FORMS)[number];

/** Those that take no trial. */
export type TextForm = Exclude<ExportForm, 'test'>;

/** Whom an exchange was with. */
export interface ExportTarget {
  readonly name: string;
  /** The number of its type. */
  readonly type: number;
  /** What leads `esp-host send` there: `--to` and what else it needs. */
  readonly options: readonly string[];
}

/** Where an exchange was seen, for people. */
export interface Origin {
  /** `entry 12` */
  readonly what: string;
  /** `the journal` */
  readonly of: string;
}

/** What an exchange was, read again from the journal or a recording. */
export interface Exchange {
  readonly entry: JournalEntry;
  readonly origin: Origin;
  readonly request: EspRequest;
  readonly message: JsonMessage;
  readonly target: ExportTarget;
}

const MASKED = '# The values of secret keys are not in the journal: put them in.\n';

/** The text that repeats an exchange, in one of the forms. @throws ExportError */
export function exportText(exchange: Exchange, form: TextForm): string {
  const { message, entry } = exchange;
  const text = textOf(exchange, form);
  return hasSecrets([message.request, message.userData, entry.reply?.json?.request]) ? MASKED + text : text;
}

/** @throws ExportError */
export function exchangeOf(
  entry: JournalEntry,
  target: ExportTarget,
  origin: Origin = { what: `entry ${entry.id}`, of: 'the journal' },
): Exchange {
  const message = entry.request.json;
  if (message === undefined) throw new ExportError(`${origin.what} cannot be repeated: its lists break the format`);
  return { entry, origin, request: new EspRequest(messageFromJson(message)), message, target };
}

function textOf(exchange: Exchange, form: TextForm): string {
  switch (form) {
    case 'send':
      return sendLine(exchange.request, exchange.target.options, exchange.origin.what);
    case 'stub':
      return stubFile(exchange);
    default:
      return strategyCase(exchange);
  }
}
