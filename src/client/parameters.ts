import { isInt32, type JsonKey, type KeyValueEntry, KeyValueList, listFromJson, listToJson } from '../esp/index.js';
import { ParameterSyntaxError } from './errors.js';

/** Name, operator, value. A name that starts with `"` or `{` is JSON. */
const WORD =
  /^("(?:[^"\\]|\\.)*"|\{"hex":"[^"]*"\}|(?!["{]|:(?:hex|strx|utf16)?=)[^=]+?)(:hex=|:strx=|:utf16=|:=|=)(.*)/s;

/**
 * Parses parameters in the syntax of HTTPie: `Name=text`, `Name:=5` (int), `Name:='{"a":"b"}'` (list); and
 * `Name:hex=00ff` (bytes), `Name:strx=ff` (a string that is not valid text), `Name:utf16=text` (a UTF-16 string). A JSON
 * array of `[key, type, value]` entries is a list with types and repeated keys. An ambiguous name is a JSON string:
 * `"a=b"=text`. @throws ParameterSyntaxError
 */
export function parseParameters(words: readonly string[]): KeyValueList {
  return new KeyValueList(words.map(parseParameter));
}

function parseParameter(word: string): KeyValueEntry {
  const [, name, operator, text] = WORD.exec(word) ?? [];
  if (name === undefined || text === undefined) {
    throw new ParameterSyntaxError(`'${word}': write a parameter as Name=text, Name:=5 or Name:='{"a":"b"}'`);
  }
  const key = /^["{]/.test(name) ? (json(word, name, 'a quoted name must be a JSON string') as JsonKey) : name;
  switch (operator) {
    case '=':
      return typed(word, key, 'str', text);
    case ':hex=':
      return typed(word, key, 'bin', text);
    case ':strx=':
      return typed(word, key, 'strx', text);
    case ':utf16=':
      return typed(word, key, 'utf16', text);
    default:
      return entry(
        word,
        key,
        json(word, text, 'the value after := must be JSON: an int, a string, or an object for a list'),
      );
  }
}

function json(word: string, text: string, otherwise: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ParameterSyntaxError(`'${word}': ${otherwise}`);
  }
}

/** A list in an object repeats its key, as a sequence in YAML does, unless it is one of entries `[key, type, value]`. */
function entries(word: string, key: JsonKey, value: unknown): KeyValueEntry | KeyValueEntry[] {
  if (!Array.isArray(value) || value.every((one) => Array.isArray(one))) return entry(word, key, value);
  return value.map((one: unknown) => entry(word, key, one));
}

function entry(word: string, key: JsonKey, value: unknown): KeyValueEntry {
  if (typeof value === 'string') return typed(word, key, 'str', value);
  if (isInt32(value)) return typed(word, key, 'int', value);
  if (typeof value === 'object' && value !== null) {
    return { ...typed(word, key, 'list', []), type: 'list', value: listOf(word, value) };
  }
  throw new ParameterSyntaxError(`'${word}': ${JSON.stringify(value)} is not a string, 32-bit integer or list`);
}

/** The entry of `[key, type, value]`. */
function typed(word: string, key: JsonKey, type: KeyValueEntry['type'], value: unknown): KeyValueEntry {
  return fromJson(word, [[key, type, value]]).entries[0] as KeyValueEntry;
}

function listOf(word: string, value: object): KeyValueList {
  if (Array.isArray(value)) return fromJson(word, value);
  return new KeyValueList(Object.entries(value).flatMap(([name, inner]) => entries(word, name, inner)));
}

function fromJson(word: string, value: unknown[]): KeyValueList {
  try {
    return listFromJson(value);
  } catch (error) {
    throw new ParameterSyntaxError(`'${word}': ${(error as Error).message}`);
  }
}

/** Formats a list, one parameter a line, so that the output can be sent again. UTF-16 strings look like the others. */
export function formatParameters(list: KeyValueList): string {
  return list.entries.map((one) => `${formatName(one)}${formatValue(one)}\n`).join('');
}

/** Formats each parameter as a word that parses to exactly this parameter. */
export function parameterWords(list: KeyValueList): string[] {
  return list.entries.map((one) => {
    if (one.type === 'utf16') return `${formatName(one)}:utf16=${one.value}`;
    return formatName(one) + (one.type === 'list' ? `:=${quoted(listJson(one.value, true))}` : formatValue(one));
  });
}

function formatName({ key, keyBytes }: KeyValueEntry): string {
  if (keyBytes !== undefined) return JSON.stringify({ hex: hex(keyBytes) });
  return isPlain(key) && !/^$|^["{]|=|:(hex|strx|utf16)?$/.test(key) ? key : quoted(key);
}

function formatValue(one: KeyValueEntry): string {
  switch (one.type) {
    case 'str':
    case 'utf16':
      return isPlain(one.value) ? `=${one.value}` : `:=${quoted(one.value)}`;
    case 'int':
      return `:=${one.value}`;
    case 'list':
      return `:=${quoted(listJson(one.value))}`;
    case 'bin':
      return `:hex=${hex(one.value)}`;
    case 'strx':
      return `:strx=${hex(one.value)}`;
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Whether a text is safe to print on a line: no line breaks or control characters. */
const isPlain = (text: string): boolean => text.isWellFormed() && !/[\p{Cc}\u2028\u2029]/u.test(text);

/** JSON that is safe to print on a line. */
function quoted(value: unknown): string {
  return JSON.stringify(value).replaceAll(/[\p{Cc}\u2028\u2029]/gu, (sign) => {
    return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/**
 * An object if that loses nothing (except UTF-16, unless `exact`), else the typed form. Objects put numeric keys first.
 *
 */
function listJson(list: KeyValueList, exact = false): unknown {
  const keys = new Set(list.entries.map((one) => one.key));
  const fits = (one: KeyValueEntry): boolean =>
    one.type !== 'bin' && one.type !== 'strx' && one.keyBytes === undefined && !/^\d+$/.test(one.key);
  if (keys.size < list.length || !list.entries.every(fits) || (exact && hasUtf16(list))) return listToJson(list);
  return Object.fromEntries(
    list.entries.map((one) => [one.key, one.type === 'list' ? listJson(one.value, exact) : one.value]),
  );
}

const hasUtf16 = (list: KeyValueList): boolean => list.entries.some(({ type }) => type === 'utf16');
