import { KeyValueList } from './key-value-list.js';

/** The three messages of the External Services Protocol. */
export const MessageId = { Request3rdServer: 500, Event3rdServerResponse: 501, Event3rdServerFault: 502 } as const;

/** One message. An attribute that is absent on the wire is undefined. */
export interface EspMessage {
  readonly messageId: number;
  readonly referenceId: number | undefined;
  readonly request: KeyValueList | undefined;
  readonly userData: KeyValueList | undefined;
  /** Copies the bytes of a received message, so that it does not pin the receive buffer. Call it to keep a message. */
  detach?(): void;
}

/** The name of a message: `Request3rdServer`, or `message 17` for an unknown id. */
export function messageName(messageId: number): string {
  for (const [name, id] of Object.entries(MessageId)) if (id === messageId) return name;
  return `message ${messageId}`;
}

/** The Parameters in a Request list; an empty list if they are absent or not a list. */
export function parametersOf(request: KeyValueList | undefined): KeyValueList {
  const entry = request?.find('Parameters');
  return entry?.type === 'list' ? entry.value : new KeyValueList();
}
