import type { JsonEntry, JsonKey, JsonMessage } from '../api/types.js';

/** A key as text, or as hex if its bytes are not text. */
export const keyText = (key: JsonKey): string => (typeof key === 'string' ? oneLine(key) : `0x${key.hex}`);

/** The first value of `key` as text: `find(list, 'Service')`; undefined for a list. */
export function find(list: readonly JsonEntry[] | null, key: string): string | undefined {
  const [, , value] = list?.find(([name]) => name === key) ?? [];
  return typeof value === 'object' || value === undefined ? undefined : String(value);
}

/** The list under `key`; empty if there is none. */
export function findList(list: readonly JsonEntry[] | null, key: string): readonly JsonEntry[] {
  const [, , value] = list?.find(([name, type]) => name === key && type === 'list') ?? [];
  return typeof value === 'object' ? value : [];
}

/** A list on one line: `Id=+16315551002 Address={City=Cork}`. */
export function listText(list: readonly JsonEntry[], most = 300): string {
  let text = '';
  for (const entry of list) {
    text += `${text === '' ? '' : ' '}${keyText(entry[0])}=${entryValueText(entry, most)}`;
    if (text.length > most) return `${text.slice(0, most)}…`;
  }
  return text;
}

/** The value of an entry on one line, such as `{City=Cork}`. */
export const entryValueText = ([, type, value]: JsonEntry, most?: number): string =>
  typeof value === 'object' ? `{${listText(value, most)}}` : valueText(type, value);

/** A value on one line: bytes as `0x…`, control characters escaped. */
export function valueText(type: string, value: string | number): string {
  if (type === 'bin' || type === 'strx') return `0x${value}`;
  return oneLine(String(value));
}

/** Characters that cannot be seen, or that change the order of those around them. */
const UNSEEN = String.raw`\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff`;

const CONTROLS = new RegExp(String.raw`[\u0000-\u001f\u007f-\u009f\u2028\u2029${UNSEEN}]`, 'g');

/** All of them but tabs and line breaks. */
const CONTROLS_IN_LINES = new RegExp(String.raw`[\u0000-\u0008\u000b-\u001f\u007f-\u009f${UNSEEN}]`, 'g');

function escaped(character: string): string {
  const short = JSON.stringify(character).slice(1, -1);
  return short === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : short;
}

/** Line breaks and characters that cannot be seen as `\n`, `\u202e`. */
export const oneLine = (text: string): string => text.replaceAll(CONTROLS, escaped);

/** A text of several lines, with characters that cannot be seen as `\u202e`. */
export const visible = (text: string): string => text.replaceAll(CONTROLS_IN_LINES, escaped);

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/** Whether a text has letters that are written from right to left. */
export const isRightToLeft = (text: string): boolean => RIGHT_TO_LEFT.test(text);

/** Entries of a list in any form: entries unchanged, an object's members typed by their values. */
export function asEntries(value: unknown): readonly JsonEntry[] {
  if (Array.isArray(value)) return value.every(isEntry) ? value : value.map((one, at) => entryOf(String(at), one));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).map(([key, one]) => entryOf(key, one));
}

const isEntry = (value: unknown): value is JsonEntry =>
  Array.isArray(value) && value.length === 3 && typeof value[1] === 'string';

function entryOf(key: string, value: unknown): JsonEntry {
  if (typeof value === 'object' && value !== null) return [key, 'list', asEntries(value)];
  if (typeof value === 'number' && Number.isInteger(value)) return [key, 'int', value];
  return [key, 'str', String(value)];
}

const NAMES: Readonly<Record<number, string>> = {
  500: 'Request3rdServer',
  501: 'Event3rdServerResponse',
  502: 'Event3rdServerFault',
};

/** Whether the journal shows a value instead of a secret: as many stars as it has characters. */
export const isMasked = (value: string | number): boolean => /^\*+$/.test(String(value));

export const messageName = (messageId: number): string => NAMES[messageId] ?? `Message ${messageId}`;

/** A message as a tree: its lists by name. */
export function messageEntries({ request, userData }: JsonMessage): readonly JsonEntry[] {
  const lists: readonly (readonly [string, readonly JsonEntry[] | null])[] = [
    ['Request', request],
    ['UserData', userData],
  ];
  return lists.flatMap(([name, list]): JsonEntry[] => (list === null ? [] : [[name, 'list', list]]));
}
