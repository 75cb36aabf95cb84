import type { Charset } from 'esp-host/wire';
import { type BodyRange, walkBody } from './body-walk.js';
import { type BodyPart, isBodyPart, partsOf } from './frame-parts.js';

const ASTERISK = 0x2a;

/** A copy of a message's bytes with asterisks in place of the values of secret keys; it decodes as before. */
export function maskFrame(frame: Buffer, charset: Charset): Buffer {
  const masked = Buffer.from(frame);
  const { parts, body } = partsOf(frame);
  const secrets = walkBody(body, charset).filter(({ secret }) => secret);
  if (secrets.length === 0) return masked;
  for (const part of parts) if (isBodyPart(part)) for (const secret of secrets) maskWithin(masked, part, secret);
  return masked;
}

function maskWithin(frame: Buffer, part: BodyPart, { start, end, utf16 }: BodyRange): void {
  const until = Math.min(end, part.from + part.length);
  for (let at = Math.max(start, part.from); at < until; at++) {
    frame[part.start + at - part.from] = utf16 && (at - start) % 2 === 0 ? 0 : ASTERISK;
  }
}
