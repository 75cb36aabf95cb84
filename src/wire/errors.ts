import { CodedError, type ErrorTable } from '../esp/index.js';

/** Errors of the wire format. Those of limits depend on the `limits` of the listener or client. */
export const WIRE_ERRORS = {
  ESP_WIRE_FRAME_TOO_LONG: 'A frame or fragment is longer than 16380 bytes. Often the peer speaks TLS or HTTP.',
  ESP_WIRE_FRAME_LENGTH: 'The length of a frame, fragment or packet extension is impossible.',
  ESP_WIRE_FRAME_TRUNCATED: 'The connection ended inside a frame or packet extension.',
  ESP_WIRE_MESSAGE_TOO_LONG: 'A message is longer than `limits.messageBytes`.',
  ESP_WIRE_ADDP: 'An ADDP frame of an unknown kind.',
  ESP_WIRE_TRUNCATED: 'A message, attribute, list or list entry is shorter than its smallest form.',
  ESP_WIRE_LENGTH: 'A length or count does not fit into the bytes around it.',
  ESP_WIRE_LEFTOVER: 'Bytes are left over after the attributes or after the entries of a list.',
  ESP_WIRE_ATTRIBUTE: 'An attribute occurs twice, or has an unknown or wrong type.',
  ESP_WIRE_ENTRY: 'A list entry has an unknown type, or its value a length that its type does not allow.',
  ESP_WIRE_LIST_TOO_DEEP: 'Lists nest deeper than `limits.listDepth`.',
  ESP_WIRE_LIST_TOO_LONG: 'The lists of a message have more entries than `limits.listEntries`.',
  ESP_WIRE_KEY_TOO_LONG: 'A message to be sent has a key of more than 65535 bytes.',
  ESP_WIRE_KEY_CHARSET: 'A message to be sent has a key that the charset cannot express.',
  ESP_WIRE_CHARSET: 'The name of a charset is unknown.',
} as const satisfies ErrorTable;

export type WireErrorCode = keyof typeof WIRE_ERRORS;

/**
 * Bytes that break the format. `offset` counts from the start of `place`: the stream of the connection, or the message,
 * whose attribute count is byte 0.
 */
export class WireError extends CodedError<WireErrorCode> {
  override readonly name = 'WireError';
  constructor(
    code: WireErrorCode,
    readonly problem: string,
    readonly offset: number,
    readonly place: 'stream' | 'message' = 'message',
  ) {
    super(code, `${problem}, at byte ${offset} of the ${place}`);
  }
}

/** A message that the format cannot express. */
export class EncodeError extends CodedError<WireErrorCode> {
  override readonly name = 'EncodeError';
}

/** An unknown charset. */
export class CharsetError extends CodedError<WireErrorCode> {
  override readonly name = 'CharsetError';
}
