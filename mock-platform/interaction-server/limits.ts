export { LIST_LIMITS, MESSAGE_BYTES } from '../wide-limits.js';

/** How long a frame may stay unfinished, and a peer may leave what was written to it unread. */
export const FRAME_MS = 10_000;

export const CONNECT_TIMEOUT_MS = 5000;
export const CONNECTIONS = 1000;
