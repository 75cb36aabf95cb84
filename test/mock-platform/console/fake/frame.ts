import { annotate } from 'esp-host/mock';
import { charset, encodeMessage, messageFromJson } from 'esp-host/wire';

type Entry = readonly [string, string, unknown];

export interface Message {
  readonly messageId: number;
  readonly referenceId: number | null;
  readonly request: readonly Entry[] | null;
  readonly userData: readonly Entry[] | null;
}

/** A message as the journal shows it: itself, its bytes, and what they say. */
export function framed(message: Message) {
  const bytes = encodeMessage(messageFromJson(message), charset());
  return { message, hex: bytes.toString('hex'), ranges: annotate(bytes) };
}
