import { charset, dissect, encodeMessage, messageFromJson } from '#wire';
import type { FrameAndMessage, JsonMessage } from '../../../../mock-platform/console/api/types.ts';

/** A message as the journal shows it: the message, its bytes, and the meaning of each. */
export function framed(message: JsonMessage): FrameAndMessage {
  const bytes = encodeMessage(messageFromJson(message), charset());
  return { message, hex: bytes.toString('hex'), ranges: dissect(bytes, charset()) };
}
