/** The typed JSON form of lists and messages: `[key, type, value]` entries, bytes in hex. It loses nothing. */
import { ListError } from './errors.js';
import { bytesAsHex, bytesAsText, isInt32, type KeyValueEntry, KeyValueList } from './key-value-list.js';
import type { EspMessage } from './message.js';

/** A key whose bytes are not valid in the listener's charset is written as its bytes. */
export type JsonKey = string | { hex: string };
/** An entry of a list: bytes (`bin`, `strx`) in hex, a list as its entries. */
export type JsonEntry = [key: JsonKey, type: string, value: string | number | JsonEntry[]];

/** A message. Attributes that are absent on the wire are null. */
export interface JsonMessage {
  messageId: number;
  referenceId: number | null;
  request: JsonEntry[] | null;
  userData: JsonEntry[] | null;
}

/** The lossless JSON of a list: an array of `[key, type, value]`, with bytes in hex. */
export function listToJson(list: KeyValueList): JsonEntry[] {
  return list.entries.map((entry) => [
    entry.keyBytes === undefined ? entry.key : { hex: bytesAsHex(entry.keyBytes) },
    entry.type,
    valueToJson(entry),
  ]);
}

function valueToJson(entry: KeyValueEntry): string | number | JsonEntry[] {
  switch (entry.type) {
    case 'bin':
    case 'strx':
      return bytesAsHex(entry.value);
    case 'list':
      return listToJson(entry.value);
    default:
      return entry.value;
  }
}

/** @throws ListError that names the place, for example `request[2][1]: unknown type 'strng'` */
export function listFromJson(json: unknown, at = 'list'): KeyValueList {
  if (!Array.isArray(json)) throw invalid(at, 'a list must be an array of [key, type, value] entries');
  return new KeyValueList(json.map((entry, index) => entryFromJson(entry, `${at}[${index}]`)));
}

function entryFromJson(json: unknown, at: string): KeyValueEntry {
  if (!Array.isArray(json) || json.length !== 3) throw invalid(at, 'an entry must be [key, type, value]');
  const [jsonKey, type, value] = json as [unknown, unknown, unknown];
  const entry = valueFromJson(keyFromJson(jsonKey, `${at}[0]`), type, value, at);
  if (typeof jsonKey === 'string') return entry;
  return { ...entry, keyBytes: fromHex((jsonKey as { hex: unknown }).hex, `${at}[0].hex`) };
}

function keyFromJson(key: unknown, at: string): string {
  if (typeof key === 'string') return key;
  if (typeof key === 'object' && key !== null && 'hex' in key) return bytesAsText(fromHex(key.hex, at));
  throw invalid(at, 'a key must be a string, or {"hex": ...} for bytes that are not text');
}

function valueFromJson(key: string, type: unknown, value: unknown, at: string): KeyValueEntry {
  switch (type) {
    case 'str':
    case 'utf16':
      if (typeof value !== 'string') throw invalid(`${at}[2]`, `a value of type ${type} must be a string`);
      return { key, type, value };
    case 'int':
      if (!isInt32(value)) throw invalid(`${at}[2]`, 'a value of type int must be a 32-bit integer');
      return { key, type, value };
    case 'bin':
    case 'strx':
      return { key, type, value: fromHex(value, `${at}[2]`) };
    case 'list':
      return { key, type, value: listFromJson(value, `${at}[2]`) };
    default:
      throw invalid(`${at}[1]`, `unknown type ${JSON.stringify(type)}; use str, strx, int, bin, utf16 or list`);
  }
}

/** The lossless JSON of a message: `messageId`, `referenceId`, `request` and `userData`, its lists as `listToJson` writes them. */
export function messageToJson(message: EspMessage): JsonMessage {
  return {
    messageId: message.messageId,
    referenceId: message.referenceId ?? null,
    request: message.request === undefined ? null : listToJson(message.request),
    userData: message.userData === undefined ? null : listToJson(message.userData),
  };
}

/** Ignores other fields. @throws ListError that names the place */
export function messageFromJson(json: unknown): EspMessage {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new ListError('ESP_LIST_JSON', 'a message must be an object with messageId, referenceId, request, userData');
  }
  const { messageId, referenceId, request, userData } = json as Record<string, unknown>;
  if (!isInt32(messageId)) throw invalid('messageId', 'must be a number (500, 501 or 502)');
  if (referenceId !== undefined && referenceId !== null && !isInt32(referenceId)) {
    throw invalid('referenceId', 'must be a 32-bit integer or null');
  }
  return {
    messageId,
    referenceId: referenceId ?? undefined,
    request: optionalList(request, 'request'),
    userData: optionalList(userData, 'userData'),
  };
}

const optionalList = (json: unknown, at: string): KeyValueList | undefined =>
  json === undefined || json === null ? undefined : listFromJson(json, at);

const invalid = (at: string, why: string): ListError => new ListError('ESP_LIST_JSON', `${at}: ${why}`);

function fromHex(value: unknown, at: string): Uint8Array {
  if (typeof value !== 'string' || value.length % 2 !== 0 || /[^0-9a-f]/i.test(value)) {
    throw invalid(at, 'bytes must be hex, two digits a byte');
  }
  return Buffer.from(value, 'hex');
}
