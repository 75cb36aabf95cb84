/**
 * ESP for attackers: writes messages, right ones and wrong ones, and reads replies. It shares nothing with the host, so
 * a mistake of the host's codec cannot hide here.
 */

/** A value on the wire. Strings are type 0, numbers type 1, arrays lists. */
export type Value = string | number | readonly Entry[] | { readonly type: number; readonly bytes: Buffer };
export type Entry = readonly [key: string | Buffer, value: Value];

export const binary = (bytes: Buffer): Value => ({ type: 2, bytes });

/** Any 16-bit units, lone surrogates too. */
export const utf16 = (text: string): Value => ({ type: 4, bytes: Buffer.from(text, 'utf16le').swap16() });

/** A type 0 string of any bytes. */
export const rawString = (bytes: Buffer): Value => ({ type: 0, bytes });

const SHORT = 0xffff;

export const u16 = (value: number): Buffer => Buffer.of(value >>> 8, value & 0xff);
export const u32 = (value: number): Buffer => Buffer.concat([u16(value >>> 16), u16(value & 0xffff)]);

const bytesOf = (value: string | number | { readonly bytes: Buffer }): Buffer => {
  if (typeof value === 'number') return u32(value);
  return typeof value === 'string' ? Buffer.from(value) : value.bytes;
};

const typeOf = (value: string | number | { readonly type: number }): number => {
  if (typeof value === 'number') return 1;
  return typeof value === 'string' ? 0 : value.type;
};

const isList = (value: Value): value is readonly Entry[] => Array.isArray(value);

const keyed = (type: number, key: string | Buffer): Buffer => {
  const bytes = Buffer.from(key as string);
  return Buffer.concat([Buffer.of(type), u16(bytes.length), bytes]);
};

function entryBytes([key, value]: Entry): Buffer {
  if (isList(value)) {
    const list = entriesBytes(value);
    if (list.length + 4 <= SHORT) {
      return Buffer.concat([keyed(3, key), u16(list.length + 4), u16(list.length + 4), u16(value.length), list]);
    }
    return Buffer.concat([keyed(0x83, key), u32(list.length + 4), u32(value.length), list]);
  }
  const bytes = bytesOf(value);
  const type = typeOf(value);
  // One allocation: lists of 100,000 entries must not keep the attacker busy in the place of the host.
  const name = typeof key === 'string' ? Buffer.from(key) : key;
  const long = bytes.length > SHORT;
  const entry = Buffer.allocUnsafe(3 + name.length + (long ? 4 : 2) + bytes.length);
  entry[0] = long ? type | 0x80 : type;
  entry.writeUInt16BE(name.length, 1);
  name.copy(entry, 3);
  if (long) entry.writeUInt32BE(bytes.length, 3 + name.length);
  else entry.writeUInt16BE(bytes.length, 3 + name.length);
  bytes.copy(entry, entry.length - bytes.length);
  return entry;
}

const entriesBytes = (entries: readonly Entry[]): Buffer => Buffer.concat(entries.map(entryBytes));

/** Type and bytes of a list that is an attribute: short if it fits. */
function listAttribute(entries: readonly Entry[]): Buffer {
  const list = entriesBytes(entries);
  if (list.length + 4 <= SHORT) {
    return Buffer.concat([Buffer.of(0x62), u16(list.length + 4), u16(entries.length), list]);
  }
  return Buffer.concat([Buffer.of(0x42), u32(list.length + 4), u32(entries.length), list]);
}

/** A message with no more than the attributes that are given. Nine bytes where none is. */
export function body(messageId: number, referenceId?: number, request?: readonly Entry[]): Buffer {
  const attributes: Buffer[] = [];
  if (referenceId !== undefined) attributes.push(u32(0), Buffer.of(0x69), u32(referenceId));
  if (request !== undefined) attributes.push(u32(1), listAttribute(request));
  const count = (referenceId === undefined ? 0 : 1) + (request === undefined ? 0 : 1);
  return Buffer.concat([Buffer.of(count), u32(messageId), ...attributes]);
}

export const FRAME = 16_380;
export const MARKER = Buffer.concat([u32(28), Buffer.from('$PACKET EXTENSION V1.00$', 'latin1')]);

/** The body in one frame, or in a packet extension whose fragments have `fragment` bytes. */
export function framed(bytes: Buffer, fragment = FRAME): Buffer {
  if (bytes.length <= FRAME && fragment === FRAME) return Buffer.concat([u32(bytes.length), bytes]);
  const parts: Buffer[] = [MARKER, u32(bytes.length)];
  for (let at = 0; at < bytes.length; at += fragment) {
    const part = bytes.subarray(at, at + fragment);
    parts.push(u32(part.length), part);
  }
  return Buffer.concat(parts);
}

/** `70 32`, a letter, 24 bits. */
export const addp = (letter: string, value: number): Buffer =>
  Buffer.concat([Buffer.from(`p2${letter}`, 'latin1'), u32(value).subarray(1)]);

export const request = (
  referenceId: number | undefined,
  service: Value,
  method: Value,
  parameters: Value = [],
  more: readonly Entry[] = [],
): Buffer =>
  framed(
    body(500, referenceId, [
      ['Version', '1.0'],
      ...more,
      ['Service', service],
      ['Method', method],
      ['Parameters', parameters],
    ]),
  );

export interface Reply {
  readonly messageId: number;
  readonly referenceId: number;
  /** Bytes of the whole message, without the lengths of frames. */
  readonly length: number;
  /** Strings of its Parameters by key. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** Cuts what a host sends into replies. */
export class ReplyReader {
  addpFrames = 0;
  #rest = Buffer.alloc(0);
  /** The fragments that have come, and how many bytes are missing. */
  #parts: Buffer[] = [];
  #missing = 0;

  constructor(private readonly reply: (reply: Reply) => void) {}

  push(chunk: Buffer): void {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const used = this.#next(bytes);
      if (used === 0) break;
      bytes = bytes.subarray(used);
    }
    this.#rest = Buffer.from(bytes);
  }

  /** Reads the first message. @returns its length; 0: it is not complete */
  #next(bytes: Buffer): number {
    if (bytes.length < 6) return 0;
    if (bytes[0] === 0x70 && bytes[1] === 0x32) {
      this.addpFrames++;
      return 6;
    }
    const length = bytes.readUInt32BE(0);
    if (bytes.length < 4 + length) return 0;
    if (this.#missing === 0 && length === 28 && bytes.subarray(0, 28 + 4).indexOf(MARKER.subarray(4)) === 4) {
      if (bytes.length < 36) return 0;
      this.#missing = bytes.readUInt32BE(28);
      return 32;
    }
    const part = bytes.subarray(4, 4 + length);
    if (this.#missing === 0) this.reply(readReply(part));
    else this.#fragment(Buffer.from(part));
    return 4 + length;
  }

  #fragment(part: Buffer): void {
    this.#parts.push(part);
    this.#missing -= part.length;
    if (this.#missing === 0) this.reply(readReply(Buffer.concat(this.#parts.splice(0))));
  }
}

function readReply(bytes: Buffer): Reply {
  const messageId = bytes.readUInt32BE(1);
  let at = 5;
  let referenceId = -1;
  let parameters: Readonly<Record<string, string>> = {};
  for (let left = bytes[0] as number; left > 0; left--) {
    const id = bytes.readUInt32BE(at);
    const type = bytes[at + 4];
    at += 5;
    if (type === 0x69) {
      if (id === 0) referenceId = bytes.readInt32BE(at);
      at += 4;
    } else {
      const length = type === 0x62 ? bytes.readUInt16BE(at) : 4 + bytes.readUInt32BE(at);
      // A long list is of no interest but for its ReferenceId.
      if (id === 1 && type === 0x62) parameters = strings(inner(bytes.subarray(at, at + length), 'Parameters'));
      at += length;
    }
  }
  return { messageId, referenceId, length: bytes.length, parameters };
}

interface Read {
  readonly key: string;
  readonly type: number;
  readonly value: Buffer;
}

/** The entries of a list in its short form. */
function* entriesOf(list: Buffer): Generator<Read> {
  let at = 4;
  while (at < list.length) {
    const type = list[at] as number;
    const keyEnd = at + 3 + list.readUInt16BE(at + 1);
    const valueEnd = keyEnd + 2 + list.readUInt16BE(keyEnd);
    yield { key: list.toString('utf8', at + 3, keyEnd), type, value: list.subarray(keyEnd + 2, valueEnd) };
    at = valueEnd;
  }
}

function inner(list: Buffer, key: string): Buffer {
  for (const entry of entriesOf(list)) if (entry.key === key) return entry.value;
  return Buffer.alloc(0);
}

function strings(list: Buffer): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { key, type, value } of entriesOf(list)) {
    if (type === 0) found[key] = value.toString();
    if (type === 4) found[key] = Buffer.from(value).swap16().toString('utf16le');
  }
  return found;
}
