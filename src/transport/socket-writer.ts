import type { Socket } from 'node:net';
import { ByteWriter } from '../wire/index.js';

export interface SocketWriterEvents {
  /** The peer reads too slowly, or has caught up. */
  full(full: boolean): void;
  /** `unread` has changed. */
  unread(): void;
  /** The peer has read nothing for `timeoutMs`. */
  timeout(): void;
}

/**
 * Collects what is written in one turn of the event loop into one write to the socket, and watches whether the peer reads
 * it.
 */
export class SocketWriter {
  /** Bytes sent. */
  bytesOut = 0;
  /** Bytes that the socket still held after the last write. */
  unread = 0;
  /** Whether the socket has more bytes than it wants. */
  full = false;
  #buffer: ByteWriter | undefined;
  /** Whether the timer of the socket runs. */
  #timed = false;

  constructor(
    private readonly socket: Socket,
    /** How long the peer may read nothing of what is written to it. */
    public timeoutMs: number,
    private readonly events: SocketWriterEvents,
  ) {
    socket.on('drain', () => {
      this.full = false;
      this.#setUnread(0);
      this.events.full(false);
    });
    socket.on('timeout', () => {
      if (socket.writableLength === 0) this.#setUnread(0);
      else this.events.timeout();
    });
  }

  /** The buffer of this turn. Sends it at the end of the turn, unless the caller will call `flush`. */
  buffer(callerFlushes: boolean): ByteWriter {
    if (this.#buffer === undefined) {
      this.#buffer = freeBuffers.pop() ?? new ByteWriter(CAPACITY);
      if (!callerFlushes) process.nextTick(() => this.flush());
    }
    return this.#buffer;
  }

  /** Sends the buffer. */
  flush(): void {
    const buffer = this.#buffer;
    if (buffer === undefined) return;
    this.#buffer = undefined;
    if (buffer.length === 0 || !this.socket.writable) {
      recycle(buffer);
      return;
    }
    this.bytesOut += buffer.length;
    const accepted = this.#send(buffer);
    const unread = this.socket.writableLength;
    if (unread !== this.unread) this.#setUnread(unread);
    if (accepted || this.full) return;
    this.full = true;
    this.events.full(true);
  }

  /**
   * A plain socket without a backlog usually takes all bytes at once, and the buffer can be reused. A socket that encrypts
   * or has a backlog holds on to them: it gets a copy. @returns the result of the socket's `write`
   */
  #send(buffer: ByteWriter): boolean {
    const { socket } = this;
    const bytes = buffer.bytes.subarray(0, buffer.length);
    const lent = socket.writableLength === 0 && !('encrypted' in socket);
    const accepted = socket.write(lent ? bytes : Buffer.from(bytes));
    if (!lent || socket.writableLength === 0) recycle(buffer);
    return accepted;
  }

  /** The timer of the socket runs while there are unread bytes, and restarts with each byte that the peer reads. */
  #setUnread(unread: number): void {
    this.unread = unread;
    if (unread > 0 !== this.#timed) {
      this.#timed = unread > 0;
      this.socket.setTimeout(this.#timed ? this.timeoutMs : 0);
    }
    this.events.unread();
  }
}

/** Initial capacity of a buffer, and the maximum of one that is kept. */
const CAPACITY = 4096;
const KEPT_CAPACITY = 65_536;

/** Maximum number of free buffers: about as many as the connections that write in one turn of the event loop. */
const FREE_MAX = 16;

const freeBuffers: ByteWriter[] = [];

function recycle(buffer: ByteWriter): void {
  if (freeBuffers.length >= FREE_MAX || buffer.bytes.length > KEPT_CAPACITY) return;
  buffer.length = 0;
  freeBuffers.push(buffer);
}
