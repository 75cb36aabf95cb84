import { type Charset, charset } from 'esp-host/wire';
import { type BodyRange, walkBody } from './body-walk.js';
import type { ByteRange } from './byte-range.js';
import { type BodyPart, isBodyPart, partsOf } from './frame-parts.js';

/**
 * What each byte of a message (a frame or packet extension) is: every byte is in exactly one range, in order. A value
 * that lies in two fragments of a packet extension has a range in each.
 */
export function annotate(frame: Buffer, set: Charset = charset()): ByteRange[] {
  const { parts, body } = partsOf(frame);
  const walked = walkBody(body, set);
  let index = 0;
  return parts.flatMap((part) => {
    if (!isBodyPart(part)) return [part];
    const found: ByteRange[] = [];
    const end = part.from + part.length;
    for (; index < walked.length; index++) {
      const range = walked[index] as BodyRange;
      if (range.start >= end) break;
      found.push(within(range, part));
      if (range.end > end) break;
    }
    return found;
  });
}

/** As much of a range of the body as lies in this part of the frame. */
function within({ start, end, label, depth, value }: BodyRange, part: BodyPart): ByteRange {
  const shift = part.start - part.from;
  return {
    start: Math.max(start, part.from) + shift,
    end: Math.min(end, part.from + part.length) + shift,
    label,
    depth,
    ...(value === undefined ? {} : { value }),
  };
}
