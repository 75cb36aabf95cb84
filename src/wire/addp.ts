/**
 * The Advanced Disconnect Detection Protocol. A frame is `p2`, a letter and three bytes; it comes between message frames,
 * never inside one.
 */
export const ADDP_LENGTH = 6;

/** First byte 'p', second '2': as the length of a frame, this would be far over the maximum. */
export const ADDP_FIRST = 0x70;
export const ADDP_SECOND = 0x32;

export const Addp = {
  /** 'I': the client requests ADDP; trace bit and the server's timeout in ms. */
  Init: 0x49,
  /** 'i': the server agrees. */
  InitAck: 0x69,
  /** 'P': poll, with a counter. */
  Poll: 0x50,
  /** 'p': the reply, with the same counter. */
  PollAck: 0x70,
} as const;

const LETTERS: ReadonlySet<number> = new Set(Object.values(Addp));
const TRACE_BIT = 0x800000;

/** Largest value of the three bytes without the trace bit: about 2 h 20 min, in ms. */
export const ADDP_TIMEOUT_MAX = TRACE_BIT - 1;

export const isAddpLetter = (letter: number): boolean => LETTERS.has(letter);

/** @param value 24 bits */
export function encodeAddp(letter: number, value: number): Buffer {
  return Buffer.from([ADDP_FIRST, ADDP_SECOND, letter, value >>> 16, value >>> 8, value]);
}

/** The content of an 'I'. `timeoutMs` 0: the server does not poll. */
export const decodeInit = (value: number): { trace: boolean; timeoutMs: number } => ({
  trace: (value & TRACE_BIT) !== 0,
  timeoutMs: value & ADDP_TIMEOUT_MAX,
});

export const encodeInit = (timeoutMs: number, trace: boolean): Buffer =>
  encodeAddp(Addp.Init, Math.min(timeoutMs, ADDP_TIMEOUT_MAX) | (trace ? TRACE_BIT : 0));

/** The other side, and what to do about it. */
export interface AddpPeer {
  send(frame: Buffer): void;
  /** The peer has been silent for twice the timeout. */
  dead(silentMs: number): void;
  /** Called for each ADDP frame if the peer requested a trace, with the kind of frame. */
  trace?(text: string, frame: string): void;
}

/** The clock. Tests replace it. */
export interface Timers {
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
  /** Milliseconds of a monotonic clock. */
  now(): number;
}

const realTimers: Timers = {
  setTimeout: (run, ms) => setTimeout(run, ms).unref(),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
  now: () => performance.now(),
};

/**
 * One side of ADDP on one connection. It polls a peer that has been silent for `timeoutMs`; a peer that stays silent for
 * as long again is dead. A server starts to poll when it receives a client's 'I'.
 */
export class AddpMonitor {
  #timeoutMs = 0;
  #timer: unknown;
  #heardAt = 0;
  #polledAt: number | undefined;
  #counter = 0;
  #trace = false;
  /** The timeout in ms in the peer's 'I'; undefined before one arrives. */
  requestedMs: number | undefined;

  constructor(
    private readonly peer: AddpPeer,
    private readonly timers: Timers = realTimers,
    private readonly random24: () => number = () => Math.floor(Math.random() * 0x1000000),
  ) {}

  /** As a client: requests that the server polls after `remoteTimeoutMs` (0: never), and polls after `timeoutMs`. */
  init(timeoutMs: number, remoteTimeoutMs: number, trace = false): void {
    this.#trace = trace;
    this.peer.send(encodeInit(remoteTimeoutMs, trace));
    this.#start(timeoutMs);
  }

  /** Any byte from the peer is a sign of life. */
  heard(): void {
    this.#heardAt = this.timers.now();
  }

  /** Handles an ADDP frame from the peer. */
  frame(letter: number, value: number): void {
    this.heard();
    if (letter === Addp.Init) {
      const { trace, timeoutMs } = decodeInit(value);
      this.#trace = trace;
      this.requestedMs = timeoutMs;
      this.#log('init', `init: timeout ${timeoutMs} ms`);
      this.peer.send(encodeAddp(Addp.InitAck, this.random24()));
      this.#start(timeoutMs);
      return;
    }
    const name = String.fromCharCode(letter);
    this.#log(name, `${name} ${value}`);
    if (letter === Addp.Poll) this.peer.send(encodeAddp(Addp.PollAck, value));
  }

  stop(): void {
    this.timers.clearTimeout(this.#timer);
    this.#timeoutMs = 0;
  }

  #start(timeoutMs: number): void {
    this.stop();
    this.#timeoutMs = timeoutMs;
    this.#polledAt = undefined;
    this.heard();
    if (timeoutMs > 0) this.#arm(timeoutMs);
  }

  #arm(ms: number): void {
    this.#timer = this.timers.setTimeout(() => this.#elapsed(), ms);
  }

  #elapsed(): void {
    const now = this.timers.now();
    const silentMs = now - this.#heardAt;
    if (this.#polledAt !== undefined && this.#heardAt < this.#polledAt) {
      this.stop();
      this.peer.dead(silentMs);
    } else if (silentMs < this.#timeoutMs) {
      this.#arm(this.#timeoutMs - silentMs);
    } else {
      this.#poll(now);
      this.#arm(this.#timeoutMs);
    }
  }

  #poll(now: number): void {
    this.#polledAt = now;
    this.#log('poll', `poll ${this.#counter}`);
    this.peer.send(encodeAddp(Addp.Poll, this.#counter));
    this.#counter = (this.#counter + 1) & 0xffffff;
  }

  #log(frame: string, text: string): void {
    if (this.#trace) this.peer.trace?.(`ADDP ${text}`, frame);
  }
}
