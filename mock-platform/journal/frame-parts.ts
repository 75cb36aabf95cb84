import type { ByteRange } from './byte-range.js';

/** Bytes of a frame that belong to its message's body. */
export interface BodyPart {
  /** Offset in the frame. */
  readonly start: number;
  readonly length: number;
  /** Offset in the body. */
  readonly from: number;
}

/** A frame or packet extension taken apart: what lies around its body, and where the body lies, in order. */
export interface FrameParts {
  readonly parts: readonly (ByteRange | BodyPart)[];
  readonly body: Buffer;
}

const EXTENSION = Buffer.from('$PACKET EXTENSION V1.00$', 'latin1');
const ADDP_LENGTH = 6;

export const isBodyPart = (part: ByteRange | BodyPart): part is BodyPart => 'from' in part;

/** Takes one message apart; ADDP frames may stand between the fragments of a packet extension. */
export function partsOf(frame: Buffer): FrameParts {
  const parts: (ByteRange | BodyPart)[] = [];
  const pieces: Buffer[] = [];
  let at = 0;
  let body = 0;
  const range = (length: number, label: string, value?: number): void => {
    const end = Math.min(frame.length, at + length);
    if (end > at) parts.push({ start: at, end, label, depth: 0, ...(value === undefined ? {} : { value }) });
    at = end;
  };
  const piece = (length: number): void => {
    const bytes = frame.subarray(at, at + length);
    if (bytes.length > 0) parts.push({ start: at, length: bytes.length, from: body });
    pieces.push(bytes);
    body += bytes.length;
    at += bytes.length;
  };
  const isExtended = frame.subarray(4, 4 + EXTENSION.length).equals(EXTENSION);
  if (isExtended) {
    range(4, 'length', numberAt(frame, 0));
    range(EXTENSION.length, 'packet extension');
    range(4, 'total length', numberAt(frame, at));
  }
  while (at < frame.length) {
    if (isExtended && frame[at] === 0x70 && frame[at + 1] === 0x32) {
      range(ADDP_LENGTH, 'ADDP frame');
    } else {
      const length = numberAt(frame, at);
      range(4, isExtended ? 'fragment length' : 'length', length);
      piece(isExtended ? (length ?? 0) : frame.length);
    }
  }
  return { parts, body: Buffer.concat(pieces) };
}

const numberAt = (frame: Buffer, at: number): number | undefined =>
  at + 4 <= frame.length ? frame.readUInt32BE(at) : undefined;
