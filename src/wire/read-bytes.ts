import type { Charset } from './charset.js';

/** Big-endian integers and texts at places that are known to exist, without the checks of Buffer's own readers. */

export const u16At = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] as number) << 8) | (bytes[at + 1] as number);

export const i32At = (bytes: Uint8Array, at: number): number => (u16At(bytes, at) << 16) | u16At(bytes, at + 2);

export const u32At = (bytes: Uint8Array, at: number): number => i32At(bytes, at) >>> 0;

/** Maximum length of a cached text. */
const SHORT = 24;

/** A power of two. */
const CACHE_SIZE = 1024;

/** ASCII texts by a hash of their bytes: names and keys recur, and are created once. */
const cache: string[] = new Array<string>(CACHE_SIZE).fill('');

/** A type 0 text; undefined if its bytes are not valid in the charset. */
export function textAt(bytes: Buffer, start: number, end: number, charset: Charset): string | undefined {
  if (!charset.ascii || end - start > SHORT) return charset.decode(bytes, start, end);
  const slot = hash(bytes, start, end) & (CACHE_SIZE - 1);
  const known = cache[slot] as string;
  if (known.length === end - start && isAsciiAt(bytes, start, known)) return known;
  for (let at = start; at < end; at++) {
    if ((bytes[at] as number) > 0x7f) return charset.decode(bytes, start, end);
  }
  const text = bytes.toString('latin1', start, end);
  cache[slot] = text;
  return text;
}

/** A hash of the length and of the bytes in which short texts differ most. */
function hash(bytes: Buffer, start: number, end: number): number {
  const length = end - start;
  const last = length > 0 ? (bytes[end - 1] as number) : 0;
  const before = length > 1 ? (bytes[end - 2] as number) : 0;
  const middle = length > 2 ? (bytes[start + (length >> 1)] as number) : 0;
  const mixed = Math.imul((last << 16) ^ (before << 8) ^ middle ^ (length << 24), 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

/** A UTF-16 text. It may have lone surrogates. */
export function utf16At(bytes: Buffer, start: number, end: number): string {
  if (end - start > 2 * SHORT) return Buffer.from(bytes.subarray(start, end)).swap16().toString('utf16le');
  let text = '';
  for (let at = start; at < end; at += 2) text += String.fromCharCode(u16At(bytes, at));
  return text;
}

export function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7f) return false;
  return true;
}

/** Whether the bytes at `start` are this text, and ASCII. */
export function isAsciiAt(bytes: Buffer, start: number, text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const byte = bytes[start + index] as number;
    if (byte !== text.charCodeAt(index) || byte > 0x7f) return false;
  }
  return true;
}
