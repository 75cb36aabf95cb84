/** Wider than any server's own limits, so that a message that breaks those breaks them where it is sent to. */
export const MESSAGE_BYTES = 256 << 20;
export const LIST_LIMITS = { listDepth: 1000, listEntries: 10_000_000 };
