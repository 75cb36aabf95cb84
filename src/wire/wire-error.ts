/**
 * Bytes that break the format. `offset` counts from the start of what `place` names: the stream of the connection,
 * or the message (its attribute count is byte 0).
 */
export class WireError extends Error {
  override readonly name = 'WireError';
  constructor(
    readonly problem: string,
    readonly offset: number,
    readonly place: 'stream' | 'message' = 'message',
  ) {
    super(`${problem}, at byte ${offset} of the ${place}`);
  }
}

/** A message that the format cannot hold. */
export class EncodeError extends Error {
  override readonly name = 'EncodeError';
}
