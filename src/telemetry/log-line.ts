import { errorText } from './error-text.js';
import { maskPhoneNumbers } from './phone-numbers.js';
import { isSecretKey, MASK, maskSecrets, maskValues, type Showing, showText } from './secrets.js';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

export interface LoggingOptions {
  readonly level: LogLevel;
  readonly format: 'text' | 'json';
  /** Whether all digits but the last three of phone numbers are left out; they are unless somebody says `shown`. */
  readonly phoneNumbers?: 'masked' | 'shown';
}

export interface LogRecord {
  readonly timestamp: string;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** How deep the fields of a line are looked into. */
export const FIELDS_DEPTH = 8;

/** The most of a line, in characters: what a client sends may be in each part. `entries` are those of lists and objects. */
const MOST = { line: 32_000, message: 8_000, stack: 8_000, text: 2_000, fields: 16_000, entries: 200 };

/** A line that grew past its most by escapes is written again, with so many times less of everything. */
const LESS = 8;

/** The line of a record: masked, cut, and without signs that steer a terminal. */
export function lineOf(record: LogRecord, { format, phoneNumbers }: LoggingOptions): string {
  const mask = phoneNumbers === 'shown' ? maskSecrets : maskAll;
  const write = format === 'json' ? jsonLine : textLine;
  const line = write(shownOf(record, mask, 1));
  return line.length <= MOST.line ? line : write(shownOf(record, mask, LESS));
}

const maskAll = (text: string): string => maskPhoneNumbers(maskSecrets(text));

interface Shown {
  readonly timestamp: string;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: readonly (readonly [name: string, value: unknown])[];
  readonly stack: string | undefined;
}

function shownOf({ timestamp, level, message, fields }: LogRecord, mask: Showing['mask'], less: number): Shown {
  const text = typeof message === 'string' ? message : errorText(message);
  const { stack } = fields;
  return {
    timestamp,
    level,
    message: showText(text, showing(mask, MOST.message / less)),
    fields: shownFields(fields, { ...showing(mask, MOST.fields / less), text: MOST.text / less }),
    stack: typeof stack === 'string' ? showText(stack, showing(mask, MOST.stack / less)) : undefined,
  };
}

const showing = (mask: Showing['mask'], most: number): Showing => ({
  mask,
  text: most,
  characters: most,
  entries: MOST.entries,
});

/** What a line has already; a stack stands behind all others. */
const OWN = new Set(['timestamp', 'level', 'message', 'stack']);

function shownFields(fields: LogRecord['fields'], showing: Showing): [string, unknown][] {
  const shown: [string, unknown][] = [];
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || OWN.has(name)) continue;
    if (showing.entries-- === 0) break;
    shown.push([showText(name, showing), isSecretKey(name) ? MASK : maskValues(value, FIELDS_DEPTH, showing)]);
  }
  return shown;
}

/** ` name=value` for each field; a stack comes behind them on lines of its own, set in so that none looks like a log line. */
function textLine({ timestamp, level, message, fields, stack }: Shown): string {
  let line = `${timestamp} ${level.toUpperCase().padEnd(5)} ${oneLine(message)}`;
  for (const [name, value] of fields) line += ` ${oneLine(name)}=${fieldText(value)}`;
  return stack === undefined ? line : `${line}\n    ${stack.split('\n').map(oneLine).join('\n    ')}`;
}

const fieldText = (value: unknown): string =>
  typeof value === 'string' && /^[\w.:/@+-]+$/.test(value) ? value : oneLine(JSON.stringify(value));

function jsonLine({ timestamp, level, message, fields, stack }: Shown): string {
  return oneLine(JSON.stringify({ timestamp, level, message, ...Object.fromEntries(fields), stack }));
}

const PRINTABLE = /^[\x20-\x7e]*$/;
const STEERING = /[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029]/gu;

/** What a client sends may be in a line, and must neither make lines of its own nor steer a terminal. */
const oneLine = (text: string): string =>
  PRINTABLE.test(text) ? text : text.replaceAll(STEERING, (sign) => ESCAPES[sign] ?? hexEscape(sign));

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const hexEscape = (sign: string): string => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
