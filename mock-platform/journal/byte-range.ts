/** What some bytes of a frame are, for a hex view. */
export interface ByteRange {
  /** Offsets in the frame; `end` is behind the last byte. */
  readonly start: number;
  readonly end: number;
  /** For instance `key length`. */
  readonly label: string;
  /** 0 for the frame, 1 for the message, 2 for its attributes, then one more for each list around it. */
  readonly depth: number;
  /** What it says, where that is not the bytes themselves. */
  readonly value?: string | number;
}
