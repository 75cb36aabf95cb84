import type { Charset } from './charset.js';
import { u16At } from './integers.js';

/** Longest text that is remembered. */
const SHORT = 24;

/** A power of two. */
const REMEMBERED = 1024;

/** ASCII texts by a hash of their bytes: names and keys come again and again, and are made once. */
const remembered: string[] = new Array<string>(REMEMBERED).fill('');

/** A type 0 text; undefined where its bytes are not valid in the charset. */
export function textAt(bytes: Buffer, start: number, end: number, charset: Charset): string | undefined {
  if (!charset.ascii || end - start > SHORT) return charset.decode(bytes, start, end);
  const slot = hash(bytes, start, end) & (REMEMBERED - 1);
  const known = remembered[slot] as string;
  if (known.length === end - start && isAsciiAt(bytes, start, known)) return known;
  for (let at = start; at < end; at++) {
    if ((bytes[at] as number) > 0x7f) return charset.decode(bytes, start, end);
  }
  const text = bytes.toString('latin1', start, end);
  remembered[slot] = text;
  return text;
}

/** Of the length and of those bytes in which short texts differ most. */
function hash(bytes: Buffer, start: number, end: number): number {
  const length = end - start;
  const last = length > 0 ? (bytes[end - 1] as number) : 0;
  const before = length > 1 ? (bytes[end - 2] as number) : 0;
  const middle = length > 2 ? (bytes[start + (length >> 1)] as number) : 0;
  const mixed = Math.imul((last << 16) ^ (before << 8) ^ middle ^ (length << 24), 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

/** A UTF-16 text; surrogates may stand alone. */
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

/** Whether the bytes from `start` on are this text, and ASCII. */
export function isAsciiAt(bytes: Buffer, start: number, text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const byte = bytes[start + index] as number;
    if (byte !== text.charCodeAt(index) || byte > 0x7f) return false;
  }
  return true;
}
