import { Addp, decodeInit, encodeAddp, encodeInit } from './addp-frame.js';

/** What the monitor needs of the world: a way to its peer, and timers. */
export interface AddpPeer {
  send(frame: Buffer): void;
  /** The peer has been silent for twice the timeout. */
  dead(silentMs: number): void;
  /** Called for each ADDP frame while the peer asked for a trace, with what kind of frame it is. */
  trace?(text: string, frame: string): void;
}

export interface Timers {
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
  /** Milliseconds of a clock that never goes back. */
  now(): number;
}

const realTimers: Timers = {
  setTimeout: (run, ms) => setTimeout(run, ms).unref(),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
  now: () => performance.now(),
};

/**
 * One side of ADDP on one connection. After `timeoutMs` without hearing from the peer it polls; a peer that stays
 * silent for as long again is dead. A server starts to poll when a client's 'I' asks for it.
 */
export class AddpMonitor {
  #timeoutMs = 0;
  #timer: unknown;
  #heardAt = 0;
  #polledAt: number | undefined;
  #counter = 0;
  #trace = false;
  /** The timeout in ms that the peer's 'I' asked for; undefined: none came. */
  askedMs: number | undefined;

  constructor(
    private readonly peer: AddpPeer,
    private readonly timers: Timers = realTimers,
    private readonly random24: () => number = () => Math.floor(Math.random() * 0x1000000),
  ) {}

  /** As a client: asks the server to poll after `remoteTimeoutMs` (0: never), and polls itself after `timeoutMs`. */
  init(timeoutMs: number, remoteTimeoutMs: number, trace = false): void {
    this.#trace = trace;
    this.peer.send(encodeInit(remoteTimeoutMs, trace));
    this.#start(timeoutMs);
  }

  /** Any byte of the peer is a sign of life. */
  heard(): void {
    this.#heardAt = this.timers.now();
  }

  /** An ADDP frame of the peer. */
  frame(letter: number, value: number): void {
    this.heard();
    if (letter === Addp.Init) {
      const { trace, timeoutMs } = decodeInit(value);
      this.#trace = trace;
      this.askedMs = timeoutMs;
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
