import type { KeyValueList } from './key-value-list.js';

/** The three messages of the External Services Protocol. */
export const MessageId = { Request3rdServer: 500, Event3rdServerResponse: 501, Event3rdServerFault: 502 } as const;

/** One message; an attribute that is absent on the wire is undefined here. */
export interface EspMessage {
  readonly messageId: number;
  readonly referenceId: number | undefined;
  readonly request: KeyValueList | undefined;
  readonly userData: KeyValueList | undefined;
  /** Of a message that was received: it is kept for a while, and shall not keep all that it came with in memory. */
  detach?(): void;
}

/** The name of a message for people: `Request3rdServer`, or `message 17` where there is none. */
export function messageName(messageId: number): string {
  for (const [name, id] of Object.entries(MessageId)) if (id === messageId) return name;
  return `message ${messageId}`;
}
