import type { Socket } from 'node:net';
import { AddpMonitor, type ByteWriter, FrameReader, WireError } from '../wire/index.js';
import { giveBackOutBuffer, takeOutBuffer } from './out-buffers.js';

export interface SocketLimits {
  /** Largest message body in bytes. */
  readonly messageBytes: number;
  /** How long a frame may stay unfinished, and a peer may read nothing of what was written to it, in ms. */
  readonly frameMs: number;
}

export interface EspSocketEvents {
  /** A whole message body; throwing a WireError closes the connection. */
  body(bytes: Buffer, start: number, end: number): void;
  /** The connection is over; `problem` is undefined where either side ended it in order. */
  closed(problem: Error | undefined): void;
  /** For the log: ADDP frames that the peer wants traced, of the kind `frame`. */
  trace?(text: string, frame: string): void;
  /** How many bytes are held now of messages that are not whole, and of what the peer does not read. */
  stalled?(bytes: number): void;
}

/**
 * Why a connection was closed: what the peer did not do in time (answer ADDP, finish a frame, read what was written to
 * it, become idle, send its first request), or that it held most of the memory for clients when that was full.
 */
export const CLOSE_REASONS = [
  'addp_timeout',
  'frame_timeout',
  'read_timeout',
  'drain_timeout',
  'first_request_timeout',
  'buffers_full',
] as const;
export type CloseReason = (typeof CLOSE_REASONS)[number];

/** Writes a message behind what `out` holds; one that cannot be written leaves `out` as it was, and throws. */
export interface MessageWriter<T> {
  write(out: ByteWriter, message: T): void;
}

/** A connection that ended for another reason than bytes that break the format. */
export class ConnectionProblem extends Error {
  override readonly name = 'ConnectionProblem';
  constructor(
    readonly reason: CloseReason,
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

/** How long a connection must be silent for that, in ms. */
const KEEP_ALIVE_MS = 60_000;

/** How many of a connection's first bytes its log line shows. */
const SHOWN_BYTES = 32;

/** How much is gathered at most while one chunk is being read: a few bytes of requests may ask for any number of replies. */
const GATHERED_BYTES = 262_144;

/**
 * After this many frames of one peer, or one message of this many bytes, the others come first: the peer is read again
 * in the next turn of the event loop.
 */
const FRAMES_A_TURN = 16;
const LARGE_BYTES = 262_144;

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
  /** The peer's address without its port. */
  readonly address: string;
  readonly #reader: FrameReader;
  /** What this turn's writes have come to. */
  #out: ByteWriter | undefined;
  #reading = false;
  #draining = false;
  #stoppedReading = false;
  #givingWay = false;
  #addpFrames = 0;
  #paused = false;
  #problem: Error | undefined;
  #frameTimer: NodeJS.Timeout | undefined;
  /** `counts.messagesIn` when the frame timer was set: it runs for one frame. */
  #frameMessages = 0;
  /** What the peer had not taken when the last bytes were written. */
  #unread = 0;
  /** Whether the socket's timer runs: it goes off when the peer takes nothing. */
  #watchingPeer = false;
  #stalled = 0;
  #endTimer: NodeJS.Timeout | undefined;
  #ended = false;
  #first = Buffer.alloc(0);
  #brokenAt = 0;

  constructor(
    readonly socket: Socket,
    private limits: SocketLimits,
    private readonly events: EspSocketEvents,
    /** What lies below TLS. */
    private readonly tcp: Socket = socket,
  ) {
    this.address = socket.remoteAddress ?? 'unknown';
    this.peer = `${this.address}:${socket.remotePort ?? 0}`;
    this.#reader = new FrameReader(
      {
        body: (bytes, start, end) => this.#body(bytes, start, end),
        addp: (letter, value) => {
          this.#addpFrames++;
          this.addp.frame(letter, value);
        },
      },
      limits.messageBytes,
    );
    this.addp = new AddpMonitor({
      send: (frame) => this.write(frame),
      dead: (silentMs) =>
        this.fail(
          new ConnectionProblem('addp_timeout', `ADDP: the peer has been silent for ${Math.round(silentMs)} ms`),
        ),
      trace: (text, frame) => events.trace?.(text, frame),
    });
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#data(chunk));
    socket.on('drain', () => this.#drained());
    socket.on('timeout', () => this.#peerReadNothing());
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

  /** Whether no whole message, or ADDP frame, has come yet. */
  get silent(): boolean {
    return this.#reader.offset === 0;
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
    const out = this.#turnsOut();
    writer.write(out, message);
    this.counts.messagesOut++;
    if (out.length > GATHERED_BYTES) this.#flush();
  }

  /** While bytes that came are being read, what they lead to goes out at the end of that, else at the end of the turn. */
  #turnsOut(): ByteWriter {
    if (this.#out === undefined) {
      this.#out = takeOutBuffer();
      if (!this.#reading) process.nextTick(() => this.#flush());
    }
    return this.#out;
  }

  /** From now on the system asks a silent peer whether it is still there. */
  keepAlive(): void {
    this.tcp.setKeepAlive(true, KEEP_ALIVE_MS);
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

  /** Breaks the connection off. What the system keeps for a peer that does not read is freed by a reset alone. */
  fail(problem: Error): void {
    this.#problem ??= problem;
    this.#ended = true;
    if (this.socket.writableLength > 0 && !this.tcp.destroyed) this.tcp.resetAndDestroy();
    this.socket.destroy();
  }

  #body(bytes: Buffer, start: number, end: number): void {
    if (this.#ended) return;
    this.counts.messagesIn++;
    if (end - start > LARGE_BYTES) this.#giveWay();
    this.events.body(bytes, start, end);
  }

  #data(chunk: Buffer): void {
    if (this.#problem !== undefined || this.#ended) return;
    if (this.counts.bytesIn < SHOWN_BYTES) {
      this.#first = Buffer.concat([this.#first, chunk.subarray(0, SHOWN_BYTES - this.#first.length)]);
    }
    this.counts.bytesIn += chunk.length;
    this.addp.heard();
    this.#read(chunk);
  }

  /** Reads the chunk, or what was left of the last one. */
  #read(chunk: Buffer | undefined): void {
    this.#reading = true;
    const before = this.#frames;
    try {
      if (chunk === undefined) this.#reader.resume();
      else this.#reader.push(chunk);
      this.#flush();
      if (this.#frames - before > FRAMES_A_TURN) this.#giveWay();
      this.#watchFrame();
      this.#tellStalled();
    } catch (error) {
      this.#broken(error);
    } finally {
      this.#reading = false;
    }
  }

  get #frames(): number {
    return this.counts.messagesIn + this.#addpFrames;
  }

  /** Without this, up to 2 MB of one peer would be read before anything of the others. */
  #giveWay(): void {
    if (this.#givingWay) return;
    this.#givingWay = true;
    this.#setPaused();
    setImmediate(() => {
      this.#givingWay = false;
      this.#setPaused();
    });
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
    const more = this.#send(out);
    const unread = this.socket.writableLength;
    if (unread !== this.#unread) this.#watchPeer(unread);
    if (more || this.#draining) return;
    this.#draining = true;
    this.#setPaused();
  }

  /** While there is something that the peer has not taken, the socket's timer runs: each byte that it takes restarts it. */
  #watchPeer(unread: number): void {
    this.#unread = unread;
    if (unread > 0 !== this.#watchingPeer) {
      this.#watchingPeer = unread > 0;
      this.socket.setTimeout(this.#watchingPeer ? this.limits.frameMs : 0);
    }
    if (!this.#reading) this.#tellStalled();
  }

  #peerReadNothing(): void {
    if (this.socket.writableLength === 0) {
      this.#watchPeer(0);
      return;
    }
    const text = `the peer read nothing for ${this.limits.frameMs} ms (limits.frameMs)`;
    this.fail(new ConnectionProblem('read_timeout', text));
  }

  #tellStalled(): void {
    const stalled = this.#reader.bufferedBytes + this.#unread;
    if (stalled === this.#stalled) return;
    this.#stalled = stalled;
    this.events.stalled?.(stalled);
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
    this.#watchPeer(0);
    this.#setPaused();
  }

  /**
   * A peer that does not read is not read from, not even what has come already; what it cannot finish meanwhile is not
   * held against it.
   */
  #setPaused(): void {
    const paused = this.#draining || this.#stoppedReading || this.#givingWay;
    if (paused === this.#paused) return;
    this.#paused = paused;
    this.#watchFrame();
    if (this.#paused) {
      this.#reader.stop();
      this.socket.pause();
    } else {
      if (!this.#ended) this.#read(undefined);
      // What was left to be read may have filled it again.
      if (!this.#paused) this.socket.resume();
    }
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
    clearTimeout(this.#endTimer);
    this.#out = undefined;
    this.events.closed(this.#problem);
  }

  #timer(run: () => void): NodeJS.Timeout {
    return setTimeout(run, this.limits.frameMs).unref();
  }
}
