import { isInt32, type KeyValueEntry, KeyValueList, listFromJson, listToJson } from '../esp/index.js';

/** A parameter that is not written as it should be; the text quotes it and shows how. */
export class ParameterSyntax extends Error {
  override readonly name = 'ParameterSyntax';
}

/**
 * Parameters as HTTPie writes them: `Name=text`, `Name:=5` (int), `Name:='{"a":"b"}'` (list). A JSON array of
 * `[key, type, value]` entries is a list too, with the kinds and repetitions that an object cannot say.
 */
export function parseParameters(words: readonly string[]): KeyValueList {
  return new KeyValueList(words.map(parseParameter));
}

function parseParameter(word: string): KeyValueEntry {
  const match = /^([^=]*?)(:?=)(.*)$/s.exec(word);
  const [, key, operator, text] = match ?? [];
  if (key === undefined || text === undefined || key === '') {
    throw new ParameterSyntax(`'${word}': a parameter is written Name=text, Name:=5 or Name:='{"a":"b"}'`);
  }
  if (operator === '=') return { key, type: 'str', value: text };
  return fromJson(word, key, text);
}

function fromJson(word: string, key: string, text: string): KeyValueEntry {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new ParameterSyntax(`'${word}': behind := stands JSON: an int, a string, or an object for a list`);
  }
  return entry(word, key, json);
}

function entry(word: string, key: string, json: unknown): KeyValueEntry {
  if (typeof json === 'string') return { key, type: 'str', value: json };
  if (isInt32(json)) return { key, type: 'int', value: json };
  if (Array.isArray(json)) return { key, type: 'list', value: typedList(word, json) };
  if (typeof json === 'object' && json !== null) {
    const entries = Object.entries(json).map(([name, value]) => entry(word, name, value));
    return { key, type: 'list', value: new KeyValueList(entries) };
  }
  throw new ParameterSyntax(
    `'${word}': ESP has strings, ints of 32 bits, lists and bytes, and no ${JSON.stringify(json)}`,
  );
}

function typedList(word: string, json: unknown[]): KeyValueList {
  try {
    return listFromJson(json);
  } catch (error) {
    throw new ParameterSyntax(`'${word}': ${(error as Error).message}`);
  }
}

/** The same way back, a parameter a line: what was printed can be sent again. */
export function formatParameters(list: KeyValueList): string {
  return list.entries.map((one) => `${one.key}${formatValue(one)}\n`).join('');
}

function formatValue(one: KeyValueEntry): string {
  switch (one.type) {
    case 'str':
    case 'utf16':
      return `=${one.value}`;
    case 'int':
      return `:=${one.value}`;
    case 'list':
      return `:=${JSON.stringify(listJson(one.value))}`;
    default:
      return `:hex=${Buffer.from(one.value).toString('hex')}`;
  }
}

/** An object where that loses nothing, else the typed form. */
function listJson(list: KeyValueList): unknown {
  const keys = new Set(list.entries.map((one) => one.key));
  const plain = keys.size === list.length && list.entries.every((one) => one.type !== 'bin' && one.type !== 'strx');
  if (!plain) return listToJson(list);
  return Object.fromEntries(
    list.entries.map((one) => [one.key, one.type === 'list' ? listJson(one.value) : one.value]),
  );
}
