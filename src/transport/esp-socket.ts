import type { Socket } from 'node:net';
import { AddpMonitor, type ByteWriter, FrameReader, WireError } from '../wire/index.js';
import { giveBackOutBuffer, takeOutBuffer } from './out-buffers.js';

export interface SocketLimits {
  /** Largest message body in bytes. */
  readonly messageBytes: number;
  /** How long a frame may stay unfinished, and a peer may leave what was written to it unread, in ms. */
  readonly frameMs: number;
}

export interface EspSocketEvents {
  /** A whole message body; throwing a WireError closes the connection. */
  body(bytes: Buffer, start: number, end: number): void;
  /** The connection is over; `problem` is undefined where either side ended it in order. */
  closed(problem: Error | undefined): void;
  /** For the log: ADDP frames that the peer wants traced. */
  trace?(text: string): void;
}

/** What a peer did not do in time: answer ADDP, finish a frame, read what was written to it, become idle. */
export const OVERDUE = ['addp_timeout', 'frame_timeout', 'read_timeout', 'drain_timeout'] as const;
export type Overdue = (typeof OVERDUE)[number];

/** Writes a message behind what `out` holds; one that cannot be written leaves `out` as it was, and throws. */
export interface MessageWriter<T> {
  write(out: ByteWriter, message: T): void;
}

/** A connection that ended for another reason than bytes that break the format. */
export class ConnectionProblem extends Error {
  override readonly name = 'ConnectionProblem';
  constructor(
    readonly overdue: Overdue,
    message: string,
  ) {
    super(message);
  }
}

/** Bytes and bodies that came and went. */
export interface SocketCounts {
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
}

/** How many of a connection's first bytes its log line shows. */
const SHOWN_BYTES = 32;

/**
 * One connection that carries ESP frames, whichever side opened it: cuts the stream into bodies, keeps ADDP, gathers
 * what is written in one turn into one write, and stops to read while its peer does not read.
 */
export class EspSocket {
  readonly addp: AddpMonitor;
  /** Bytes and bodies that came and went. */
  readonly counts = { bytesIn: 0, bytesOut: 0, messagesIn: 0, messagesOut: 0 };
  /** `127.0.0.1:50123`, for logs. */
  readonly peer: string;
  readonly #reader: FrameReader;
  /** What this turn's writes have come to. */
  #out: ByteWriter | undefined;
  #reading = false;
  #draining = false;
  #stoppedReading = false;
  #paused = false;
  #problem: Error | undefined;
  #frameTimer: NodeJS.Timeout | undefined;
  /** `counts.messagesIn` when the frame timer was set: it runs for one frame. */
  #frameMessages = 0;
  #drainTimer: NodeJS.Timeout | undefined;
  #endTimer: NodeJS.Timeout | undefined;
  #ended = false;
  #first = Buffer.alloc(0);
  #brokenAt = 0;

  constructor(
    readonly socket: Socket,
    private limits: SocketLimits,
    private readonly events: EspSocketEvents,
  ) {
    this.peer = `${socket.remoteAddress ?? 'unknown'}:${socket.remotePort ?? 0}`;
    this.#reader = new FrameReader(
      {
        body: (bytes, start, end) => this.#body(bytes, start, end),
        addp: (letter, value) => this.addp.frame(letter, value),
      },
      limits.messageBytes,
    );
    this.addp = new AddpMonitor({
      send: (frame) => this.write(frame),
      dead: (silentMs) =>
        this.fail(
          new ConnectionProblem('addp_timeout', `ADDP: the peer has been silent for ${Math.round(silentMs)} ms`),
        ),
      trace: (text) => events.trace?.(text),
    });
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#data(chunk));
    socket.on('drain', () => this.#drained());
    socket.on('end', () => this.#end());
    socket.on('error', (error) => {
      this.#problem ??= error;
    });
    socket.on('close', () => this.#close());
  }

  /** Why it ended, for a log line: what was wrong at which byte, and the connection's first bytes. */
  describe(problem: Error): string {
    if (!(problem instanceof WireError)) return problem.message;
    const began = problem.place === 'message' ? ` (the message began at byte ${this.#brokenAt} of the stream)` : '';
    return `${problem.message}${began}; first bytes ${this.#first.toString('hex')}`;
  }

  /** From now on these limits hold. */
  setLimits(limits: SocketLimits): void {
    this.limits = limits;
    this.#reader.messageBytes = limits.messageBytes;
  }

  /** Bytes that wait for the peer to read. */
  get backlog(): number {
    return this.socket.writableLength;
  }

  /** Whether part of a message has come, and the rest of it has not. */
  get unfinished(): boolean {
    return this.#reader.unfinished;
  }

  /** Whether it reads and writes no more. */
  get over(): boolean {
    return this.#ended || this.socket.destroyed;
  }

  /** Writes a frame. All that is written in one turn of the event loop goes out together. */
  write(frame: Buffer): void {
    if (!this.over) this.#turnsOut().append(frame);
  }

  writeMessage(frame: Buffer): void {
    this.counts.messagesOut++;
    this.write(frame);
  }

  /** Lets `writer` write a message where it goes out. @throws what `writer` throws */
  writeWith<T>(writer: MessageWriter<T>, message: T): void {
    if (this.over) return;
    writer.write(this.#turnsOut(), message);
    this.counts.messagesOut++;
  }

  /** While bytes that came are being read, what they lead to goes out at the end of that, else at the end of the turn. */
  #turnsOut(): ByteWriter {
    if (this.#out === undefined) {
      this.#out = takeOutBuffer();
      if (!this.#reading) process.nextTick(() => this.#flush());
    }
    return this.#out;
  }

  /** Leaves unread what comes from now on; replies still go out. */
  stopReading(): void {
    this.#stoppedReading = true;
    this.#setPaused();
  }

  /** Ends the connection when all that was written has gone out. */
  end(): void {
    if (this.#ended) return;
    this.#flush();
    this.#ended = true;
    this.socket.end();
    this.socket.resume();
    this.#endTimer = this.#timer(() => this.socket.destroy());
  }

  /** Breaks the connection off. */
  fail(problem: Error): void {
    this.#problem ??= problem;
    this.#ended = true;
    this.socket.destroy();
  }

  #body(bytes: Buffer, start: number, end: number): void {
    if (this.#ended) return;
    this.counts.messagesIn++;
    this.events.body(bytes, start, end);
  }

  #data(chunk: Buffer): void {
    if (this.#problem !== undefined || this.#ended) return;
    if (this.counts.bytesIn < SHOWN_BYTES) {
      this.#first = Buffer.concat([this.#first, chunk.subarray(0, SHOWN_BYTES - this.#first.length)]);
    }
    this.counts.bytesIn += chunk.length;
    this.addp.heard();
    this.#reading = true;
    try {
      this.#reader.push(chunk);
      this.#flush();
      this.#watchFrame();
    } catch (error) {
      this.#broken(error);
    } finally {
      this.#reading = false;
    }
  }

  /** Replies that were made before the bad bytes came still go out. */
  #broken(error: unknown): void {
    this.#problem ??= error instanceof Error ? error : new Error(String(error));
    this.#brokenAt = this.#reader.offset;
    this.end();
  }

  /** One timer from the first byte of an unfinished frame; the peer cannot prolong it by sending more of it slowly. */
  #watchFrame(): void {
    const messages = this.counts.messagesIn;
    if (!this.#reader.unfinished || this.#paused) {
      clearTimeout(this.#frameTimer);
      this.#frameTimer = undefined;
    } else if (this.#frameTimer === undefined || messages !== this.#frameMessages) {
      clearTimeout(this.#frameTimer);
      this.#frameMessages = messages;
      this.#frameTimer = this.#timer(() => {
        const text = `a frame stayed unfinished for ${this.limits.frameMs} ms (limits.frameMs)`;
        this.fail(new ConnectionProblem('frame_timeout', text));
      });
    }
  }

  #flush(): void {
    const out = this.#out;
    if (out === undefined) return;
    this.#out = undefined;
    if (out.length === 0 || !this.socket.writable) {
      giveBackOutBuffer(out);
      return;
    }
    this.counts.bytesOut += out.length;
    if (this.#send(out) || this.#draining) return;
    this.#draining = true;
    this.#setPaused();
    this.#drainTimer = this.#timer(() => {
      const text = `the peer did not read for ${this.limits.frameMs} ms (limits.frameMs)`;
      this.fail(new ConnectionProblem('read_timeout', text));
    });
  }

  /**
   * A socket that has taken everything at once needs the buffer no more, and that is the rule. One that encrypts or
   * has a backlog keeps what it gets for a while: it gets a copy. @returns what the socket's `write` does
   */
  #send(out: ByteWriter): boolean {
    const { socket } = this;
    const bytes = out.bytes.subarray(0, out.length);
    const lent = socket.writableLength === 0 && !('encrypted' in socket);
    const more = socket.write(lent ? bytes : Buffer.from(bytes));
    if (!lent || socket.writableLength === 0) giveBackOutBuffer(out);
    return more;
  }

  #drained(): void {
    this.#draining = false;
    clearTimeout(this.#drainTimer);
    this.#drainTimer = undefined;
    this.#setPaused();
  }

  /** A peer that does not read is not read from; what it cannot finish meanwhile is not held against it. */
  #setPaused(): void {
    const paused = this.#draining || this.#stoppedReading;
    if (paused === this.#paused) return;
    this.#paused = paused;
    this.#watchFrame();
    if (this.#paused) this.socket.pause();
    else this.socket.resume();
  }

  #end(): void {
    try {
      this.#reader.end();
    } catch (error) {
      this.#problem ??= error as Error;
    }
    this.end();
  }

  #close(): void {
    this.addp.stop();
    clearTimeout(this.#frameTimer);
    clearTimeout(this.#drainTimer);
    clearTimeout(this.#endTimer);
    this.#out = undefined;
    this.events.closed(this.#problem);
  }

  #timer(run: () => void): NodeJS.Timeout {
    return setTimeout(run, this.limits.frameMs).unref();
  }
}
