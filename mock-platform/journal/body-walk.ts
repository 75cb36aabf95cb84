import { isSecretKey } from 'esp-host/server';
import { type Charset, messageName } from 'esp-host/wire';
import { LIST_LIMITS } from '../limits.js';
import type { ByteRange } from './byte-range.js';

/** A part of a message body. */
export interface BodyRange extends ByteRange {
  /** On a value (not a list) whose own key, or that of a list around it, names a secret. */
  readonly secret: boolean;
  /** On a value: its type is UTF-16. */
  readonly utf16: boolean;
}

const TYPES = ['string', 'int', 'binary', 'list', 'UTF-16 string'];
const ATTRIBUTES = ['ReferenceId', 'Request', 'UserData'];
const INT = 0x69;
const SHORT_LIST = 0x62;
const LONG_LIST = 0x42;
const LARGE = 0x80;
const STRING_TYPE = 0;
const INT_TYPE = 1;
const LIST_TYPE = 3;
const UTF16_TYPE = 4;

/** How much of a text a range shows. */
const SHOWN = 200;

/** A body that does not go on as the format has it. */
class Astray extends Error {}

/**
 * Every byte of a message body (attribute count, message id, attributes) in one range each, in order; where it breaks
 * the format, the rest is one range `not understood`.
 */
export function walkBody(body: Buffer, charset: Charset): BodyRange[] {
  const walk = new BodyWalk(body, charset);
  try {
    walk.body();
  } catch (error) {
    if (!(error instanceof Astray)) throw error;
  }
  return walk.finish();
}

class BodyWalk {
  readonly #ranges: BodyRange[] = [];
  #at = 0;

  constructor(
    private readonly bytes: Buffer,
    private readonly charset: Charset,
  ) {}

  body(): void {
    const count = this.#uint(1, 'attribute count', 1);
    this.#uint(4, 'message id', 1, messageName);
    for (let index = 0; index < count; index++) this.#attribute();
  }

  finish(): BodyRange[] {
    const left = this.bytes.length - this.#at;
    if (left > 0) this.#take(left, 'not understood', 1);
    return this.#ranges;
  }

  #attribute(): void {
    this.#uint(4, 'attribute id', 2, (id) => ATTRIBUTES[id] ?? `attribute ${id}`);
    const type = this.#uint(1, 'attribute type', 2, (code) => String.fromCharCode(code));
    if (type === INT) this.#int(2, false);
    else if (type === SHORT_LIST) this.#list(2, false, false);
    else if (type === LONG_LIST) this.#list(2, true, false);
    else throw new Astray();
  }

  #list(depth: number, long: boolean, secret: boolean): void {
    if (depth > LIST_LIMITS.listDepth) throw new Astray();
    const length = this.#uint(long ? 4 : 2, 'list length', depth);
    const end = this.#at + length - (long ? 0 : 2);
    const count = this.#uint(long && length > 0xffff ? 4 : 2, 'entry count', depth);
    for (let index = 0; index < count; index++) this.#entry(depth + 1, long, secret);
    if (this.#at !== end) throw new Astray();
  }

  #entry(depth: number, long: boolean, secretAround: boolean): void {
    const code = this.#uint(1, 'entry type', depth, (type) => TYPES[type & ~LARGE] ?? `type ${type}`);
    const large = long && code >= LARGE;
    const type = large ? code - LARGE : code;
    const key = this.#key(depth);
    const secret = secretAround || isSecretKey(key);
    if (large && type === LIST_TYPE) {
      this.#list(depth, true, secret);
      return;
    }
    const length = this.#uint(large ? 4 : 2, 'value length', depth);
    if (type === LIST_TYPE) this.#list(depth, false, secret);
    else this.#value(type, length, depth, secret);
  }

  #key(depth: number): string {
    const length = this.#uint(2, 'key length', depth);
    const key = this.#text(length);
    this.#take(length, 'key', depth, key.slice(0, SHOWN));
    return key;
  }

  #value(type: number, length: number, depth: number, secret: boolean): void {
    if (type === INT_TYPE && length === 4) this.#int(depth, secret);
    else if (type === STRING_TYPE) this.#take(length, 'value', depth, this.#text(length).slice(0, SHOWN), secret);
    else if (type === UTF16_TYPE) this.#take(length, 'value', depth, this.#utf16(length), secret, true);
    else this.#take(length, 'value', depth, undefined, secret);
  }

  #int(depth: number, secret: boolean): void {
    this.#need(4);
    this.#take(4, 'value', depth, this.bytes.readInt32BE(this.#at), secret);
  }

  #uint(size: number, label: string, depth: number, name?: (value: number) => string): number {
    this.#need(size);
    const value = this.bytes.readUIntBE(this.#at, size);
    this.#take(size, label, depth, name?.(value) ?? value);
    return value;
  }

  #text(length: number): string {
    this.#need(length);
    const end = this.#at + length;
    return this.charset.decode(this.bytes, this.#at, end) ?? this.bytes.toString('utf8', this.#at, end);
  }

  #utf16(length: number): string {
    this.#need(length);
    const shown = Buffer.from(this.bytes.subarray(this.#at, this.#at + Math.min(length & ~1, 2 * SHOWN)));
    return shown.swap16().toString('utf16le');
  }

  #take(size: number, label: string, depth: number, value?: string | number, secret = false, utf16 = false): void {
    this.#need(size);
    const start = this.#at;
    this.#at += size;
    if (size === 0) return;
    const range = { start, end: this.#at, label, depth, secret, utf16 };
    this.#ranges.push(value === undefined ? range : { ...range, value });
  }

  #need(size: number): void {
    if (size > this.bytes.length - this.#at) throw new Astray();
  }
}
