import { bytes } from './hex.js';
import { type Vector, vectors } from './vectors.js';

/** Length of a packet extension's first frame: u32 28, marker, u32 total length. */
export const MARKER_FRAME = 32;

export function captured(name: string): Vector {
  const found = vectors.find((vector) => vector.name === name);
  if (found === undefined) throw new Error(`no captured message ${name}`);
  return found;
}

export const bytesOf = (vector: Vector): Buffer => bytes(vector.hex);

export const isExtension = (message: Buffer): boolean => message.readUInt32BE(0) === 28;

/** Where the fragment headers of a packet extension stand, and how many body bytes come before each. */
export function fragments(message: Buffer): { at: number; before: number; length: number }[] {
  const found: { at: number; before: number; length: number }[] = [];
  let before = 0;
  for (let at = MARKER_FRAME; at < message.length; ) {
    const length = message.readUInt32BE(at);
    found.push({ at, before, length });
    before += length;
    at += 4 + length;
  }
  return found;
}

/** The body of a captured message: the bytes after the frame's length, or the joined fragments. */
export function bodyOf(message: Buffer): Buffer {
  if (!isExtension(message)) return message.subarray(4);
  return Buffer.concat(fragments(message).map(({ at, length }) => message.subarray(at + 4, at + 4 + length)));
}
