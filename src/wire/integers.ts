/** Big-endian integers that are known to be there: without the checks of Buffer's own readers. */

export const u16At = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] as number) << 8) | (bytes[at + 1] as number);

export const i32At = (bytes: Uint8Array, at: number): number => (u16At(bytes, at) << 16) | u16At(bytes, at + 2);

export const u32At = (bytes: Uint8Array, at: number): number => i32At(bytes, at) >>> 0;
