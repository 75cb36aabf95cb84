/**
 * Limits on the messages that the platform reads. They are wider than those of any server, so that a message that
 * exceeds a limit fails at the server that it is sent to.
 */
export const MESSAGE_BYTES = 256 << 20;
export const LIST_LIMITS = { listDepth: 1000, listEntries: 10_000_000 };

/** Timeout for an incomplete frame, and for a peer that reads nothing, in ms. */
export const FRAME_MS = 10_000;
