import { EspRequest, type JsonMessage, messageFromJson } from '#wire';
import { ExportError } from '../errors.js';
import type { JournalEntry } from '../journal/index.js';
import { hasSecrets, MASKED } from './exchange.js';
import { httpStubFile } from './http-stub-file.js';
import { sendLine } from './send-line.js';
import { strategyCase } from './strategy-case.js';
import { stubFile } from './stub-file.js';

/** Export forms of an exchange. */
export const EXPORT_FORMS = ['send', 'stub', 'http-stub', 'strategy-case', 'test'] as const;

/** One of {@link EXPORT_FORMS}. */
export type ExportForm = (typeof EXPORT_FORMS)[number];

/** The forms that need no trial run. */
export type TextForm = 'send' | 'stub' | 'http-stub' | 'strategy-case';

/** The server of an exchange. */
export interface ExportTarget {
  readonly name: string;
  /** Number of its application type. */
  readonly type: number;
  /** Options of `esp-host send` to reach it, such as `--to`. */
  readonly options: readonly string[];
}

/** The source of an exchange, for messages. */
export interface Origin {
  /** `entry 12` */
  readonly what: string;
  /** `the journal` */
  readonly of: string;
}

/** An exchange from the journal or a recording. */
export interface Exchange {
  readonly entry: JournalEntry;
  readonly origin: Origin;
  readonly request: EspRequest;
  readonly message: JsonMessage;
  readonly target: ExportTarget;
}

/** Exports an exchange in one of the forms. @throws ExportError */
export function exportText(exchange: Exchange, form: TextForm): string {
  const { message, entry, origin } = exchange;
  if (form === 'http-stub') {
    const calls = entry.upstream.map((call, index) => ({ call, place: `call ${index + 1} of ${origin.what}` }));
    return httpStubFile(calls, origin.what);
  }
  const text = textOf(exchange, form);
  return hasSecrets([message.request, message.userData, entry.reply?.json?.request]) ? MASKED + text : text;
}

/** Decodes the request of an entry. @throws ExportError */
export function exchangeOf(
  entry: JournalEntry,
  target: ExportTarget,
  origin: Origin = { what: `entry ${entry.id}`, of: 'the journal' },
): Exchange {
  const message = entry.request.json;
  if (message === undefined) throw new ExportError(`${origin.what} is malformed and cannot be exported`);
  return { entry, origin, request: new EspRequest(messageFromJson(message)), message, target };
}

function textOf(exchange: Exchange, form: Exclude<TextForm, 'http-stub'>): string {
  switch (form) {
    case 'send':
      return sendLine(exchange.request, exchange.target.options, exchange.origin.what);
    case 'stub':
      return stubFile(exchange);
    default:
      return strategyCase(exchange);
  }
}
