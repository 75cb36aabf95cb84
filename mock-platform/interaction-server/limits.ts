/** Wider than any server's own limits, so that a message that breaks those breaks them where it is sent to. */
export const MESSAGE_BYTES = 256 << 20;
export const LIST_LIMITS = { listDepth: 1000, listEntries: 10_000_000 };

/** How long a frame may stay unfinished, and a peer may leave what was written to it unread. */
export const FRAME_MS = 10_000;

export const CONNECT_TIMEOUT_MS = 5000;
export const CONNECTIONS = 1000;
