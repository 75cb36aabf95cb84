import { errorText } from './error-text.js';
import { maskPhoneNumbers } from './phone-numbers.js';
import { isSecretKey, type Limits, MASK, maskSecrets, maskValues, showText } from './secrets.js';

/** A level includes the levels before it. */
export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

export interface LoggingOptions {
  readonly level: LogLevel;
  readonly format: 'text' | 'json';
  /** Whether phone numbers are masked, except for their last three digits. @default 'masked' */
  readonly phoneNumbers?: 'masked' | 'shown';
}

export interface LogRecord {
  readonly timestamp: string;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/**
 * Set in the fields of a line whose message consists of the host's own words and numbers, such as the description of a wire
 * error. Phone numbers are not searched in it: they come from clients, upstreams and plugins. Never written itself.
 */
export const OWN_TEXT = Symbol('own text');

/** The depth to which the fields of a line are written. */
export const FIELDS_DEPTH = 8;

/** Maximum lengths in characters, as a client can influence each part of a line. `entries` counts those of lists and objects. */
const MAX = { line: 32_000, message: 8_000, stack: 8_000, text: 2_000, fields: 16_000, entries: 200 };

/** If escapes make a line too long, it is written again with the other maximums divided by this. */
const REDUCTION = 8;

/** The line of a record: masked, cut, and without control characters. */
export function lineOf(record: LogRecord, { format, phoneNumbers }: LoggingOptions): string {
  const mask = phoneNumbers === 'shown' ? maskSecrets : masksFor(record);
  const write = format === 'json' ? jsonLine : textLine;
  const line = write(shownOf(record, mask, 1));
  return line.length <= MAX.line ? line : write(shownOf(record, mask, REDUCTION));
}

/** Numbers that the fields have as numbers, for instance a ReferenceId, are not phone numbers in the texts either. */
function masksFor({ fields }: LogRecord): Limits['mask'] {
  let numbers: ReadonlySet<string> | undefined;
  const isNumber = (text: string): boolean => {
    numbers ??= new Set(Object.values(fields).flatMap((value) => (typeof value === 'number' ? [String(value)] : [])));
    return numbers.has(text);
  };
  return (text) => maskPhoneNumbers(maskSecrets(text), isNumber);
}

interface Shown {
  readonly timestamp: string;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: readonly (readonly [name: string, value: unknown])[];
  readonly stack: string | undefined;
}

function shownOf({ timestamp, level, message, fields }: LogRecord, mask: Limits['mask'], divisor: number): Shown {
  const text = typeof message === 'string' ? message : errorText(message);
  const { stack } = fields;
  return {
    timestamp,
    level,
    message: showText(text, limits(OWN_TEXT in fields ? maskSecrets : mask, MAX.message / divisor)),
    fields: shownFields(fields, { ...limits(mask, MAX.fields / divisor), text: MAX.text / divisor }),
    stack: typeof stack === 'string' ? showText(stack, limits(mask, MAX.stack / divisor)) : undefined,
  };
}

const limits = (mask: Limits['mask'], characters: number): Limits => ({
  mask,
  text: characters,
  characters,
  entries: MAX.entries,
});

/** Parts of every line. A field with such a name is written as `field_message`; a stack that is a text comes last. */
const OWN = new Set(['timestamp', 'level', 'message', 'stack']);

const nameOf = (name: string): string => (OWN.has(name) ? `field_${name}` : name);

function shownFields(fields: LogRecord['fields'], left: Limits): [string, unknown][] {
  const shown: [string, unknown][] = [];
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || (name === 'stack' && typeof value === 'string')) continue;
    if (left.entries-- === 0) break;
    shown.push([showText(nameOf(name), left), isSecretKey(name) ? MASK : maskValues(value, FIELDS_DEPTH, left)]);
  }
  return shown;
}

/** ` name=value` for each field. The stack follows on lines of its own, indented so that none looks like a log line. */
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

const CONTROL = /[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029]/gu;

/** A line may contain text of a client, which must neither start lines of its own nor control the terminal. */
const oneLine = (text: string): string => text.replaceAll(CONTROL, (sign) => ESCAPES[sign] ?? hexEscape(sign));

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const hexEscape = (sign: string): string => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
