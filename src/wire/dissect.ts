import { messageName } from '../esp/index.js';
import { ADDP_FIRST, ADDP_LENGTH, ADDP_SECOND } from './addp.js';
import type { Charset } from './charset.js';
import { AttributeType, EntryCode, LARGE, PACKET_EXTENSION, SHORT_MAX } from './constants.js';
import { WireError } from './errors.js';

/** A range of bytes and what it means. */
export interface ByteRange {
  /** Offsets; `end` is exclusive. */
  readonly start: number;
  readonly end: number;
  /** For example `key length`. */
  readonly label: string;
  /** 0 for the frame, 1 for the message, 2 for its attributes, then one more for each enclosing list. */
  readonly depth: number;
  /** The decoded value, if it is more than the bytes themselves. */
  readonly value?: string | number;
}

/**
 * Explains each byte of a message, which is a frame or packet extension: every byte is in exactly one range, in order. A
 * value that spans two fragments of a packet extension has a range in each. From where the bytes break the format, they
 * are `not understood`.
 */
export function dissect(frame: Buffer, charset: Charset): ByteRange[] {
  const { parts, body } = partsOf(frame);
  const ranges = dissectBody(body, charset);
  let index = 0;
  return parts.flatMap((part) => {
    if (!isBodyPart(part)) return [part];
    const found: ByteRange[] = [];
    const end = part.from + part.length;
    for (; index < ranges.length; index++) {
      const range = ranges[index] as BodyRange;
      if (range.start >= end) break;
      found.push(rangeInFrame(range, part));
      if (range.end > end) break;
    }
    return found;
  });
}

/** The body of a message, which is a frame or packet extension. */
export const unframe = (frame: Buffer): Buffer => partsOf(frame).body;

/**
 * A copy of a message in which asterisks replace the value of each secret key, and all values in the list of a secret key.
 * It decodes as before.
 */
export function maskFrame(frame: Buffer, charset: Charset, isSecret: (key: string) => boolean): Buffer {
  const masked = Buffer.from(frame);
  const { parts, body } = partsOf(frame);
  const secrets = dissectBody(body, charset, isSecret).filter(({ secret }) => secret);
  for (const part of parts) if (isBodyPart(part)) for (const secret of secrets) maskPart(masked, part, secret);
  return masked;
}

/** Bytes of a frame that belong to the body of its message. */
interface BodyPart {
  /** Offset in the frame. */
  readonly start: number;
  readonly length: number;
  /** Offset in the body. */
  readonly from: number;
}

const isBodyPart = (part: ByteRange | BodyPart): part is BodyPart => 'from' in part;

/** The part of a range of the body that is in this part of the frame. */
function rangeInFrame({ start, end, label, depth, value }: BodyRange, part: BodyPart): ByteRange {
  const shift = part.start - part.from;
  return {
    start: Math.max(start, part.from) + shift,
    end: Math.min(end, part.from + part.length) + shift,
    label,
    depth,
    ...(value === undefined ? {} : { value }),
  };
}

const ASTERISK = 0x2a;

function maskPart(frame: Buffer, part: BodyPart, { start, end, utf16 }: BodyRange): void {
  const until = Math.min(end, part.from + part.length);
  for (let at = Math.max(start, part.from); at < until; at++) {
    frame[part.start + at - part.from] = utf16 && (at - start) % 2 === 0 ? 0 : ASTERISK;
  }
}

/** The frame around a body, and where the body is in it. ADDP frames may come between fragments. */
function partsOf(frame: Buffer): { parts: (ByteRange | BodyPart)[]; body: Buffer } {
  const parts: (ByteRange | BodyPart)[] = [];
  const pieces: Buffer[] = [];
  let at = 0;
  let bodyLength = 0;
  const range = (length: number, label: string, value?: number): void => {
    const end = Math.min(frame.length, at + length);
    if (end > at) parts.push({ start: at, end, label, depth: 0, ...(value === undefined ? {} : { value }) });
    at = end;
  };
  const piece = (length = frame.length): void => {
    const bytes = frame.subarray(at, at + length);
    if (bytes.length > 0) parts.push({ start: at, length: bytes.length, from: bodyLength });
    pieces.push(bytes);
    bodyLength += bytes.length;
    at += bytes.length;
  };
  const isExtension = frame.subarray(4, 4 + PACKET_EXTENSION.length).equals(PACKET_EXTENSION);
  if (isExtension) {
    range(4, 'length', numberAt(frame, 0));
    range(PACKET_EXTENSION.length, 'packet extension');
    range(4, 'total length', numberAt(frame, at));
  }
  while (at < frame.length) {
    if (isExtension && frame[at] === ADDP_FIRST && frame[at + 1] === ADDP_SECOND) {
      range(ADDP_LENGTH, 'ADDP frame');
    } else {
      const length = numberAt(frame, at);
      range(4, isExtension ? 'fragment length' : 'length', length);
      piece(isExtension ? length : undefined);
    }
  }
  return { parts, body: Buffer.concat(pieces) };
}

const numberAt = (frame: Buffer, at: number): number | undefined =>
  at + 4 <= frame.length ? frame.readUInt32BE(at) : undefined;

/** A range of a message body. */
interface BodyRange extends ByteRange {
  /** Whether it is a value (not a list) whose key, or that of an enclosing list, is secret. */
  readonly secret: boolean;
  /** Whether it is a value of type UTF-16. */
  readonly utf16: boolean;
}

/** Every byte of a body in one range, in order. */
function dissectBody(body: Buffer, charset: Charset, isSecret = (_key: string): boolean => false): BodyRange[] {
  const dissector = new BodyDissector(body, charset, isSecret);
  try {
    dissector.body();
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
  }
  return dissector.finish();
}

const TYPES = ['string', 'int', 'binary', 'list', 'UTF-16 string'];
const ATTRIBUTES = ['ReferenceId', 'Request', 'UserData'];

/** Maximum number of characters of a text in a range. */
const SHOWN = 200;

/** Lists that nest deeper are not understood: the dissector is recursive. */
const DEPTH_MAX = 1000;

class BodyDissector {
  readonly #ranges: BodyRange[] = [];
  #at = 0;

  constructor(
    private readonly bytes: Buffer,
    private readonly charset: Charset,
    private readonly isSecret: (key: string) => boolean,
  ) {}

  /** @throws WireError if the body breaks the format */
  body(): void {
    const count = this.#uint(1, 'attribute count', 1);
    this.#uint(4, 'message id', 1, messageName);
    for (let index = 0; index < count; index++) this.#attribute();
  }

  finish(): BodyRange[] {
    this.#take(this.bytes.length - this.#at, 'not understood', 1);
    return this.#ranges;
  }

  #attribute(): void {
    this.#uint(4, 'attribute id', 2, (id) => ATTRIBUTES[id] ?? `attribute ${id}`);
    const type = this.#uint(1, 'attribute type', 2, (code) => String.fromCharCode(code));
    if (type === AttributeType.Int) this.#int(2, false);
    else if (type === AttributeType.ShortList) this.#list(2, false, false);
    else if (type === AttributeType.LongList) this.#list(2, true, false);
    else throw new WireError('ESP_WIRE_ATTRIBUTE', 'unknown type', this.#at);
  }

  #list(depth: number, long: boolean, secret: boolean): void {
    if (depth > DEPTH_MAX) throw new WireError('ESP_WIRE_LIST_TOO_DEEP', 'lists nest too deep', this.#at);
    const length = this.#uint(long ? 4 : 2, 'list length', depth);
    const end = this.#at + length - (long ? 0 : 2);
    const count = this.#uint(long && length > SHORT_MAX ? 4 : 2, 'entry count', depth);
    for (let index = 0; index < count; index++) this.#entry(depth + 1, long, secret);
    if (this.#at !== end) throw new WireError('ESP_WIRE_LENGTH', 'wrong length of a list', this.#at);
  }

  #entry(depth: number, long: boolean, secretList: boolean): void {
    const code = this.#uint(1, 'entry type', depth, (type) => TYPES[type & ~LARGE] ?? `type ${type}`);
    const large = long && code >= LARGE;
    const type = large ? code - LARGE : code;
    const key = this.#key(depth);
    const secret = secretList || this.isSecret(key);
    if (large && type === EntryCode.List) {
      this.#list(depth, true, secret);
      return;
    }
    const length = this.#uint(large ? 4 : 2, 'value length', depth);
    if (type === EntryCode.List) this.#list(depth, false, secret);
    else this.#value(type, length, depth, secret);
  }

  #key(depth: number): string {
    const length = this.#uint(2, 'key length', depth);
    const key = this.#text(length);
    this.#take(length, 'key', depth, key.slice(0, SHOWN));
    return key;
  }

  #value(type: number, length: number, depth: number, secret: boolean): void {
    if (type === EntryCode.Int && length === 4) this.#int(depth, secret);
    else if (type === EntryCode.String) this.#take(length, 'value', depth, this.#text(length).slice(0, SHOWN), secret);
    else if (type === EntryCode.Utf16) this.#take(length, 'value', depth, this.#utf16(length), secret, true);
    else this.#take(length, 'value', depth, undefined, secret);
  }

  #int(depth: number, secret: boolean): void {
    this.#require(4);
    this.#take(4, 'value', depth, this.bytes.readInt32BE(this.#at), secret);
  }

  #uint(size: number, label: string, depth: number, name?: (value: number) => string): number {
    this.#require(size);
    const value = this.bytes.readUIntBE(this.#at, size);
    this.#take(size, label, depth, name?.(value) ?? value);
    return value;
  }

  #text(length: number): string {
    this.#require(length);
    const end = this.#at + length;
    return this.charset.decode(this.bytes, this.#at, end) ?? this.bytes.toString('utf8', this.#at, end);
  }

  #utf16(length: number): string {
    this.#require(length);
    const shown = Buffer.from(this.bytes.subarray(this.#at, this.#at + Math.min(length & ~1, 2 * SHOWN)));
    return shown.swap16().toString('utf16le');
  }

  #take(size: number, label: string, depth: number, value?: string | number, secret = false, utf16 = false): void {
    this.#require(size);
    const start = this.#at;
    this.#at += size;
    if (size === 0) return;
    const range = { start, end: this.#at, label, depth, secret, utf16 };
    this.#ranges.push(value === undefined ? range : { ...range, value });
  }

  #require(size: number): void {
    if (size > this.bytes.length - this.#at) throw new WireError('ESP_WIRE_TRUNCATED', 'truncated body', this.#at);
  }
}
