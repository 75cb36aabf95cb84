import { charset, encodeMessage, messageFromJson } from 'esp-host/wire';
import { annotate, type ByteRange } from '../../../../mock-platform/journal/index.js';

type Entry = readonly [string, string, unknown];

export interface Message {
  readonly messageId: number;
  readonly referenceId: number | null;
  readonly request: readonly Entry[] | null;
  readonly userData: readonly Entry[] | null;
}

const UTF_8 = charset();

/** A message as the journal shows it: itself, its bytes, and what they say. */
export function framed(message: Message): { message: Message; hex: string; ranges: ByteRange[] } {
  const bytes = encodeMessage(messageFromJson(message), UTF_8);
  return { message, hex: bytes.toString('hex'), ranges: annotate(bytes, UTF_8) };
}
