import type { Socket } from 'node:net';
import { AddpMonitor, type ByteWriter, FrameReader, WireError } from '../wire/index.js';
import { ConnectionError } from './errors.js';
import { SocketWriter } from './socket-writer.js';

export interface SocketLimits {
  /** Maximum message body, in bytes. */
  readonly messageBytes: number;
  /** How long a frame may be incomplete, and a peer may read nothing of what is sent to it, in ms. */
  readonly frameMs: number;
}

export interface EspSocketEvents {
  /** A complete message body. Throwing a WireError closes the connection. */
  body(bytes: Buffer, start: number, end: number): void;
  /** The connection has closed. `problem` is undefined if either side ended it normally. */
  closed(problem: Error | undefined): void;
  /** For the log: an ADDP frame, if the peer requested a trace. `frame` is its kind. */
  trace?(text: string, frame: string): void;
  /** Bytes in memory of incomplete messages, and of what the peer has not read. */
  stalled?(bytes: number): void;
}

/** Appends a message to `out`. If it cannot be written, `write` throws and leaves `out` unchanged. */
export interface MessageWriter<T> {
  write(out: ByteWriter, message: T): void;
}

/** Bytes and messages received and sent. */
export interface SocketCounts {
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
}

/** After how much silence the system probes the peer (TCP keepalive), in ms. */
const KEEP_ALIVE_MS = 60_000;

/** How many of the first bytes of a connection its log line shows. */
const SHOWN_BYTES = 32;

/** Sends early beyond this: the requests in one chunk may have replies of any size. */
const FLUSH_BYTES = 262_144;

/**
 * After this many frames, or a large message that took this long, a peer is read again in the next turn of the event
 * loop, after the others.
 */
const FRAMES_A_TURN = 16;
const LARGE_BYTES = 262_144;
const LONG_MS = 5;

/**
 * One connection that carries ESP frames, whichever side opened it. Cuts the stream into messages, handles ADDP, and stops
 * reading while the peer does not read.
 */
export class EspSocket {
  readonly addp: AddpMonitor;
  #bytesIn = 0;
  #messagesIn = 0;
  #messagesOut = 0;
  /** `127.0.0.1:50123`, for logs. */
  readonly peer: string;
  /** The peer's address without its port. */
  readonly address: string;
  /** When the bytes that are being read were taken from the socket, from `performance.now()`. */
  readAt = 0;
  readonly #reader: FrameReader;
  readonly #writer: SocketWriter;
  #reading = false;
  #stoppedReading = false;
  #givingWay = false;
  #addpFrames = 0;
  #paused = false;
  #problem: Error | undefined;
  #frameTimer: NodeJS.Timeout | undefined;
  /** `messagesIn` when the frame timer was set: it runs for one frame. */
  #frameMessages = 0;
  #stalled = 0;
  #endTimer: NodeJS.Timeout | undefined;
  #ended = false;
  #first = Buffer.alloc(0);
  #brokenAt = 0;

  constructor(
    readonly socket: Socket,
    private limits: SocketLimits,
    private readonly events: EspSocketEvents,
    /** The TCP socket below TLS. */
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
        this.fail(new ConnectionError('addp_timeout', `ADDP: the peer has been silent for ${Math.round(silentMs)} ms`)),
      trace: (text, frame) => events.trace?.(text, frame),
    });
    this.#writer = new SocketWriter(socket, limits.frameMs, {
      full: () => this.#setPaused(),
      unread: () => this.#reportStalled(),
      timeout: () => {
        const text = `the peer read nothing for ${this.limits.frameMs} ms (limits.frameMs)`;
        this.fail(new ConnectionError('read_timeout', text));
      },
    });
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#data(chunk));
    socket.on('end', () => this.#end());
    socket.on('error', (error) => {
      this.#problem ??= error;
    });
    socket.on('close', () => this.#close());
  }

  /** Why the connection ended, for the log: what was wrong at which byte, and the first bytes of the connection. */
  describe(problem: Error): string {
    if (!(problem instanceof WireError)) return problem.message;
    const began = problem.place === 'message' ? ` (the message began at byte ${this.#brokenAt} of the stream)` : '';
    return `${problem.message}${began}; first bytes ${this.#first.toString('hex')}`;
  }

  setLimits(limits: SocketLimits): void {
    this.limits = limits;
    this.#writer.timeoutMs = limits.frameMs;
    this.#reader.messageBytes = limits.messageBytes;
  }

  get counts(): SocketCounts {
    const { bytesOut } = this.#writer;
    return { bytesIn: this.#bytesIn, bytesOut, messagesIn: this.#messagesIn, messagesOut: this.#messagesOut };
  }

  /** Whether no complete message or ADDP frame has arrived yet. */
  get silent(): boolean {
    return this.#reader.offset === 0;
  }

  /** Bytes that the peer has not read. */
  get backlog(): number {
    return this.socket.writableLength;
  }

  /** Whether a message has arrived only in part. */
  get unfinished(): boolean {
    return this.#reader.unfinished;
  }

  /** Whether the connection is closed for reading and writing. */
  get over(): boolean {
    return this.#ended || this.socket.destroyed;
  }

  /** Writes a frame; after the end, nothing. Everything written in one turn of the event loop is sent together. */
  write(frame: Buffer): void {
    this.#writer.buffer(this.#reading).append(frame);
  }

  writeMessage(frame: Buffer): void {
    this.#messagesOut++;
    this.write(frame);
  }

  /** Lets `writer` write a message straight into the send buffer. @throws what `writer` throws */
  writeWith<T>(writer: MessageWriter<T>, message: T): void {
    if (this.over) return;
    const out = this.#writer.buffer(this.#reading);
    writer.write(out, message);
    this.#messagesOut++;
    if (out.length > FLUSH_BYTES) this.#writer.flush();
  }

  /** Enables TCP keepalive. */
  keepAlive(): void {
    this.tcp.setKeepAlive(true, KEEP_ALIVE_MS);
  }

  /** Reads nothing more; replies are still sent. */
  stopReading(): void {
    this.#stoppedReading = true;
    this.#setPaused();
  }

  /** Ends the connection once everything written has been sent. */
  end(): void {
    if (this.#ended) return;
    this.#writer.flush();
    this.#ended = true;
    this.socket.end();
    this.socket.resume();
    this.#endTimer = this.#timer(() => this.socket.destroy());
  }

  /** Closes the connection at once. Only a reset makes the system free what a peer does not read. */
  fail(problem: Error): void {
    this.#problem ??= problem;
    this.#ended = true;
    if (this.socket.writableLength > 0 && !this.tcp.destroyed) this.tcp.resetAndDestroy();
    this.socket.destroy();
  }

  #body(bytes: Buffer, start: number, end: number): void {
    if (this.#ended) return;
    this.#messagesIn++;
    if (end - start <= LARGE_BYTES) {
      this.events.body(bytes, start, end);
      return;
    }
    const began = performance.now();
    this.events.body(bytes, start, end);
    if (performance.now() - began > LONG_MS) this.#giveWay();
  }

  #data(chunk: Buffer): void {
    if (this.#ended) return;
    if (this.#bytesIn < SHOWN_BYTES) {
      this.#first = Buffer.concat([this.#first, chunk.subarray(0, SHOWN_BYTES - this.#first.length)]);
    }
    this.#bytesIn += chunk.length;
    this.addp.heard();
    this.#read(chunk);
  }

  /** Reads the chunk, or the rest of the last one. */
  #read(chunk: Buffer | undefined): void {
    this.#reading = true;
    this.readAt = performance.now();
    const before = this.#frames;
    try {
      if (chunk === undefined) this.#reader.resume();
      else this.#reader.push(chunk);
      this.#writer.flush();
      if (this.#frames - before > FRAMES_A_TURN) this.#giveWay();
      this.#watchFrame();
      this.#reportStalled();
    } catch (error) {
      this.#broken(error);
    } finally {
      this.#reading = false;
    }
  }

  get #frames(): number {
    return this.#messagesIn + this.#addpFrames;
  }

  /** Without this, up to 2 MB from one peer would be read before anything from the others. */
  #giveWay(): void {
    if (this.#givingWay) return;
    this.#givingWay = true;
    this.#setPaused();
    setImmediate(() => {
      this.#givingWay = false;
      this.#setPaused();
    });
  }

  /** Replies that were written before the bad bytes arrived are still sent. */
  #broken(error: unknown): void {
    this.#problem ??= error as Error;
    this.#brokenAt = this.#reader.offset;
    this.end();
  }

  /** One timer from the first byte of an incomplete frame: the peer cannot prolong it by sending slowly. */
  #watchFrame(): void {
    const messages = this.#messagesIn;
    if (!this.#reader.unfinished || this.#paused) {
      clearTimeout(this.#frameTimer);
      this.#frameTimer = undefined;
    } else if (this.#frameTimer === undefined || messages !== this.#frameMessages) {
      clearTimeout(this.#frameTimer);
      this.#frameMessages = messages;
      this.#frameTimer = this.#timer(() => {
        const text = `incomplete frame for ${this.limits.frameMs} ms (limits.frameMs)`;
        this.fail(new ConnectionError('frame_timeout', text));
      });
    }
  }

  #reportStalled(): void {
    const stalled = this.#reader.bufferedBytes + this.#writer.unread;
    if (stalled === this.#stalled) return;
    this.#stalled = stalled;
    this.events.stalled?.(stalled);
  }

  /** While paused, not even received bytes are read, and the frame timer stops: the peer cannot complete its frame. */
  #setPaused(): void {
    const paused = this.#writer.full || this.#stoppedReading || this.#givingWay;
    if (paused === this.#paused) return;
    this.#paused = paused;
    this.#watchFrame();
    if (this.#paused) {
      this.#reader.stop();
      this.socket.pause();
    } else {
      if (!this.#ended) this.#read(undefined);
      // Reading the rest may have paused it again.
      if (!this.#paused) this.socket.resume();
    }
  }

  /** The peer has ended its side. After `end`, its bytes are not read, so what is missing is no problem. */
  #end(): void {
    if (this.#ended) return;
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
    this.events.closed(this.#problem);
  }

  #timer(run: () => void): NodeJS.Timeout {
    return setTimeout(run, this.limits.frameMs).unref();
  }
}
