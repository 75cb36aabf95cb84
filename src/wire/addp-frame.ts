/**
 * Frames of the Advanced Disconnect Detection Protocol: `p2`, a letter, three bytes. They stand between message
 * frames, never inside one.
 */
export const ADDP_LENGTH = 6;

/** First byte 'p', second '2': as a frame's length this would be far over the maximum. */
export const ADDP_FIRST = 0x70;
export const ADDP_SECOND = 0x32;

export const Addp = {
  /** 'I': the client asks for it; trace bit and the server's timeout in ms. */
  Init: 0x49,
  /** 'i': the server agrees. */
  InitAck: 0x69,
  /** 'P': poll, with a counter. */
  Poll: 0x50,
  /** 'p': the answer, with the same counter. */
  PollAck: 0x70,
} as const;

const LETTERS: ReadonlySet<number> = new Set(Object.values(Addp));
const TRACE_BIT = 0x800000;

/** Largest value of the three bytes less the trace bit: about 2 h 20 min in ms. */
export const ADDP_TIMEOUT_MAX = TRACE_BIT - 1;

export const isAddpLetter = (letter: number): boolean => LETTERS.has(letter);

/** @param value 24 bits */
export function encodeAddp(letter: number, value: number): Buffer {
  return Buffer.from([ADDP_FIRST, ADDP_SECOND, letter, value >>> 16, value >>> 8, value]);
}

/** What an 'I' asks of the server: `timeoutMs` 0 means that it need not poll. */
export const decodeInit = (value: number): { trace: boolean; timeoutMs: number } => ({
  trace: (value & TRACE_BIT) !== 0,
  timeoutMs: value & ADDP_TIMEOUT_MAX,
});

export const encodeInit = (timeoutMs: number, trace: boolean): Buffer =>
  encodeAddp(Addp.Init, Math.min(timeoutMs, ADDP_TIMEOUT_MAX) | (trace ? TRACE_BIT : 0));
