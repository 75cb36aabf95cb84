/** The JSON form of lists and messages, the same everywhere: lists as `[key, type, value]`, bytes in hex. */
import { bytesAsText, isInt32, type KeyValueEntry, KeyValueList, ListError } from './key-value-list.js';
import type { EspMessage } from './message.js';

/** A key whose bytes are not valid in the listener's charset is written as those bytes. */
export type JsonKey = string | { hex: string };
export type JsonEntry = [key: JsonKey, type: string, value: string | number | JsonEntry[]];

export interface JsonMessage {
  messageId: number;
  referenceId: number | null;
  request: JsonEntry[] | null;
  userData: JsonEntry[] | null;
}

export function listToJson(list: KeyValueList): JsonEntry[] {
  return list.entries.map((entry) => [
    entry.keyBytes === undefined ? entry.key : { hex: toHex(entry.keyBytes) },
    entry.type,
    valueToJson(entry),
  ]);
}

function valueToJson(entry: KeyValueEntry): string | number | JsonEntry[] {
  switch (entry.type) {
    case 'bin':
    case 'strx':
      return toHex(entry.value);
    case 'list':
      return listToJson(entry.value);
    default:
      return entry.value;
  }
}

/** @throws ListError that names the place, for instance `request[2][1]: unknown type 'strng'` */
export function listFromJson(json: unknown, at = 'list'): KeyValueList {
  if (!Array.isArray(json)) throw new ListError(`${at}: a list is written as an array of [key, type, value]`);
  return new KeyValueList(json.map((entry, index) => entryFromJson(entry, `${at}[${index}]`)));
}

function entryFromJson(json: unknown, at: string): KeyValueEntry {
  if (!Array.isArray(json) || json.length !== 3) throw new ListError(`${at}: an entry is [key, type, value]`);
  const [jsonKey, type, value] = json as [unknown, unknown, unknown];
  const entry = valueFromJson(keyFromJson(jsonKey, `${at}[0]`), type, value, at);
  if (typeof jsonKey === 'string') return entry;
  return { ...entry, keyBytes: fromHex((jsonKey as { hex: unknown }).hex, `${at}[0].hex`) };
}

function keyFromJson(key: unknown, at: string): string {
  if (typeof key === 'string') return key;
  if (typeof key === 'object' && key !== null && 'hex' in key) return bytesAsText(fromHex(key.hex, at));
  throw new ListError(`${at}: a key is a string, or {"hex": ...} where its bytes are no text`);
}

function valueFromJson(key: string, type: unknown, value: unknown, at: string): KeyValueEntry {
  switch (type) {
    case 'str':
    case 'utf16':
      if (typeof value !== 'string') throw new ListError(`${at}[2]: type ${type} takes a string`);
      return { key, type, value };
    case 'int':
      if (!isInt32(value)) throw new ListError(`${at}[2]: type int takes a whole number of 32 bits`);
      return { key, type, value };
    case 'bin':
    case 'strx':
      return { key, type, value: fromHex(value, `${at}[2]`) };
    case 'list':
      return { key, type, value: listFromJson(value, `${at}[2]`) };
    default:
      throw new ListError(`${at}[1]: unknown type ${JSON.stringify(type)}; one of str, strx, int, bin, utf16, list`);
  }
}

export function messageToJson(message: EspMessage): JsonMessage {
  return {
    messageId: message.messageId,
    referenceId: message.referenceId ?? null,
    request: message.request === undefined ? null : listToJson(message.request),
    userData: message.userData === undefined ? null : listToJson(message.userData),
  };
}

/** Fields other than the four of a message are ignored. @throws ListError that names the place */
export function messageFromJson(json: unknown): EspMessage {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new ListError('a message is an object with messageId, referenceId, request, userData');
  }
  const { messageId, referenceId, request, userData } = json as Record<string, unknown>;
  if (!isInt32(messageId)) throw new ListError('messageId: needed, a number (500, 501 or 502)');
  if (referenceId !== undefined && referenceId !== null && !isInt32(referenceId)) {
    throw new ListError('referenceId: a whole number of 32 bits, or null');
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

const toHex = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');

function fromHex(value: unknown, at: string): Uint8Array {
  if (typeof value !== 'string' || value.length % 2 !== 0 || /[^0-9a-f]/i.test(value)) {
    throw new ListError(`${at}: bytes are written as hex, two digits a byte`);
  }
  return Buffer.from(value, 'hex');
}
