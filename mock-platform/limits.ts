/**
 * Limits on what the platform reads: wider than any server's own, so that a message which breaks a limit breaks it at
 * the server that it is sent to.
 */
export const MESSAGE_BYTES = 256 << 20;
export const LIST_LIMITS = { listDepth: 1000, listEntries: 10_000_000 };

/** How long a frame may stay unfinished, and a peer may read nothing of what was written to it, in ms. */
export const FRAME_MS = 10_000;
