import { isInt32, type JsonKey, type KeyValueEntry, KeyValueList, listFromJson, listToJson } from '../esp/index.js';
import { ParameterSyntaxError } from './errors.js';

/** Name, operator, value. A name that begins with `"` or `{` is JSON. */
const WORD =
  /^("(?:[^"\\]|\\.)*"|\{"hex":"[^"]*"\}|(?!["{]|:(?:hex|strx|utf16)?=)[^=]+?)(:hex=|:strx=|:utf16=|:=|=)(.*)$/s;

/**
 * Parameters as HTTPie writes them: `Name=text`, `Name:=5` (int), `Name:='{"a":"b"}'` (list); and `Name:hex=00ff`
 * (bytes), `Name:strx=ff` (the bytes of a string that are no text), `Name:utf16=text` (a UTF-16 string). A JSON array of `[key, type, value]` entries is a
 * list too, with the kinds and repetitions that an object cannot say. A name that would be taken for something else is
 * a JSON string: `"a=b"=text`.
 */
export function parseParameters(words: readonly string[]): KeyValueList {
  return new KeyValueList(words.map(parseParameter));
}

function parseParameter(word: string): KeyValueEntry {
  const [, name, operator, text] = WORD.exec(word) ?? [];
  if (name === undefined || text === undefined) {
    throw new ParameterSyntaxError(`'${word}': a parameter is written Name=text, Name:=5 or Name:='{"a":"b"}'`);
  }
  const key = /^["{]/.test(name) ? (json(word, name, 'a name in quotes is a JSON string') as JsonKey) : name;
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
      return entry(word, key, json(word, text, 'behind := stands JSON: an int, a string, or an object for a list'));
  }
}

function json(word: string, text: string, otherwise: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ParameterSyntaxError(`'${word}': ${otherwise}`);
  }
}

function entry(word: string, key: JsonKey, value: unknown): KeyValueEntry {
  if (typeof value === 'string') return typed(word, key, 'str', value);
  if (isInt32(value)) return typed(word, key, 'int', value);
  if (typeof value === 'object' && value !== null) {
    return { ...typed(word, key, 'list', []), type: 'list', value: listOf(word, value) };
  }
  throw new ParameterSyntaxError(
    `'${word}': ESP has strings, ints of 32 bits, lists and bytes, and no ${JSON.stringify(value)}`,
  );
}

/** The entry that is `[key, type, value]` in the JSON form of lists. */
function typed(word: string, key: JsonKey, type: KeyValueEntry['type'], value: unknown): KeyValueEntry {
  return fromJson(word, [[key, type, value]]).entries[0] as KeyValueEntry;
}

function listOf(word: string, value: object): KeyValueList {
  if (Array.isArray(value)) return fromJson(word, value);
  return new KeyValueList(Object.entries(value).map(([name, inner]) => entry(word, name, inner)));
}

function fromJson(word: string, value: unknown[]): KeyValueList {
  try {
    return listFromJson(value);
  } catch (error) {
    throw new ParameterSyntaxError(`'${word}': ${(error as Error).message}`);
  }
}

/** The same way back, a parameter a line: what was printed can be sent again. UTF-16 strings are printed as the others. */
export function formatParameters(list: KeyValueList): string {
  return list.entries.map((one) => `${formatName(one)}${formatValue(one)}\n`).join('');
}

/** The same with UTF-16 strings as such: a word a parameter, which is exactly that parameter when it is read again. */
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

/** Whether a text may stand in a line as it is: it breaks no line, and steers no terminal. */
const isPlain = (text: string): boolean => text.isWellFormed() && !/[\p{Cc}\u2028\u2029]/u.test(text);

/** JSON that is plain. */
function quoted(value: unknown): string {
  return JSON.stringify(value).replaceAll(/[\p{Cc}\u2028\u2029]/gu, (sign) => {
    return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/**
 * An object where that loses nothing (but UTF-16, unless `exact`), else the typed form. (Objects put keys that are
 * numbers first.)
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
