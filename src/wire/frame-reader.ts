import { ADDP_FIRST, ADDP_LENGTH, ADDP_SECOND, isAddpLetter } from './addp-frame.js';
import { BODY_MIN, EXTENSION_HEADER, FRAME_MAX, PACKET_EXTENSION } from './constants.js';
import { foreignProtocol } from './foreign.js';
import { WireError } from './wire-error.js';

export interface FrameSink {
  /** A whole message body. The bytes stay as they are: a sink may keep them. */
  body(bytes: Buffer, start: number, end: number): void;
  /** An ADDP frame: its letter and its 24 bits. */
  addp(letter: number, value: number): void;
}

const HEADER = 4;
const MARKER_LENGTH = EXTENSION_HEADER - HEADER;

/**
 * Cuts the byte stream of one connection into message bodies and ADDP frames, however it is split. A frame that comes
 * whole is read where it lies; only one that a chunk's end cuts is copied. Memory follows the bytes that have come,
 * never what a length claims. After a WireError it stays closed: the same error answers whatever comes later.
 */
export class FrameReader {
  /** Bytes of a unit (header, frame, fragment header, ADDP frame) that the last chunk cut off. */
  #held: Buffer = Buffer.alloc(0);
  #heldLength = 0;
  #extension: Extension | undefined;
  #offset = 0;
  #unitEnd = 0;
  #failed: WireError | undefined;
  #stopped = false;
  /** What lies behind the unit after which it was stopped. */
  #rest: Buffer | undefined;

  constructor(
    private readonly sink: FrameSink,
    /** Largest message body; it may change between chunks. */
    public messageBytes: number,
  ) {}

  /** A frame or packet extension has begun and is not whole yet, or has been left for later. */
  get unfinished(): boolean {
    return this.#heldLength > 0 || this.#extension !== undefined || this.#rest !== undefined;
  }

  /** Bytes that it keeps in memory. */
  get held(): number {
    return this.#held.length + (this.#extension?.bytes.length ?? 0) + (this.#rest?.length ?? 0);
  }

  /** Stream offset of the unit that is being read; in a sink's `body`, of where that message began. */
  get offset(): number {
    return this.#offset;
  }

  /** In a sink's `body` or `addp`: stream offset of what follows it. */
  get unitEnd(): number {
    return this.#unitEnd;
  }

  /** Called out of the sink: reads no further than the unit that it has been given, until `resume`. */
  stop(): void {
    this.#stopped = true;
  }

  /** Reads what was left when it was stopped. @throws WireError, also out of the sink's `body` */
  resume(): void {
    const rest = this.#rest;
    this.#stopped = false;
    this.#rest = undefined;
    if (rest !== undefined) this.push(rest);
  }

  /** Reads on; not while it is stopped. @throws WireError, also out of the sink's `body` */
  push(chunk: Buffer): void {
    if (this.#failed !== undefined) throw this.#failed;
    try {
      this.#read(chunk);
    } catch (error) {
      if (error instanceof WireError) this.#failed = error;
      throw error;
    }
  }

  /** The connection has ended. @throws WireError that says how much of a message is missing */
  end(): void {
    if (this.#failed !== undefined || !this.unfinished) return;
    const extension = this.#extension;
    const at = this.#offset + this.#heldLength;
    if (extension !== undefined) {
      const missing = extension.total - extension.length;
      throw new WireError(
        `the connection ended inside a packet extension: ${extension.length} of ${extension.total} bytes had come, ${missing} are missing`,
        at,
        'stream',
      );
    }
    const needed = this.#unitLength(this.#held, 0, this.#heldLength);
    const least = needed === HEADER ? 'at least ' : '';
    throw new WireError(
      `the connection ended inside a frame: ${this.#heldLength} of ${least}${needed} bytes had come, ${least}${needed - this.#heldLength} are missing`,
      at,
      'stream',
    );
  }

  #read(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#stopped) {
        this.#rest = chunk.subarray(at);
        return;
      }
      const extension = this.#extension;
      if (extension !== undefined && extension.fragmentLeft > 0) {
        const taken = extension.take(chunk, at);
        at += taken;
        this.#offset += taken;
        this.#deliverExtension();
      } else if (this.#heldLength > 0) {
        at = this.#complete(chunk, at);
      } else {
        const left = chunk.length - at;
        const length = this.#unitLength(chunk, at, left);
        if (left < length) {
          this.#hold(chunk, at, length);
          return;
        }
        this.#unit(chunk, at, length);
        at += length;
      }
    }
  }

  /** Goes on with the unit that an earlier chunk began; gives where the rest of the chunk starts. */
  #complete(chunk: Buffer, at: number): number {
    const length = this.#unitLength(this.#held, 0, this.#heldLength);
    if (length > this.#held.length) this.#held = grow(this.#held, this.#heldLength, length);
    const end = Math.min(chunk.length, at + length - this.#heldLength);
    chunk.copy(this.#held, this.#heldLength, at, end);
    this.#heldLength += end - at;
    if (this.#heldLength === length && this.#unitLength(this.#held, 0, length) === length) {
      const held = this.#held;
      this.#held = Buffer.alloc(0);
      this.#heldLength = 0;
      this.#unit(held, 0, length);
    }
    return end;
  }

  #hold(chunk: Buffer, at: number, length: number): void {
    this.#held = Buffer.allocUnsafe(length);
    this.#heldLength = chunk.copy(this.#held, 0, at);
  }

  /** How many bytes the unit at `at` has, as far as the `left` bytes there tell: at least the four of a header. */
  #unitLength(bytes: Buffer, at: number, left: number): number {
    if (left >= 2 && bytes[at] === ADDP_FIRST && bytes[at + 1] === ADDP_SECOND) return ADDP_LENGTH;
    if (left < HEADER) return HEADER;
    const length = bytes.readUInt32BE(at);
    const what = this.#extension === undefined ? 'frame' : 'fragment';
    if (length > FRAME_MAX) throw this.#tooLong(what, length, bytes, at);
    if (this.#extension !== undefined) return this.#fragmentHeader(length, this.#extension);
    if (length < BODY_MIN) throw this.#error(`frame length ${length} is below the ${BODY_MIN} bytes of a message`);
    return HEADER + length;
  }

  #fragmentHeader(length: number, extension: Extension): number {
    const missing = extension.total - extension.length;
    if (length === 0) throw this.#error('a fragment of no bytes');
    if (length > missing) throw this.#error(`a fragment of ${length} bytes where only ${missing} are missing`);
    return HEADER;
  }

  #unit(bytes: Buffer, at: number, length: number): void {
    this.#unitEnd = this.#offset + length;
    if (bytes[at] === ADDP_FIRST && bytes[at + 1] === ADDP_SECOND) this.#addp(bytes, at);
    else if (this.#extension !== undefined) this.#extension.fragmentLeft = bytes.readUInt32BE(at);
    else if (length === EXTENSION_HEADER && isMarker(bytes, at + HEADER))
      this.#begin(bytes.readUInt32BE(at + MARKER_LENGTH));
    else this.sink.body(bytes, at + HEADER, at + length);
    this.#offset += length;
  }

  #addp(bytes: Buffer, at: number): void {
    const letter = bytes[at + 2] as number;
    if (!isAddpLetter(letter)) throw this.#error(`unknown ADDP frame 0x${letter.toString(16).padStart(2, '0')}`, 2);
    this.sink.addp(letter, bytes.readUIntBE(at + 3, 3));
  }

  #begin(total: number): void {
    if (total < BODY_MIN) throw this.#error(`packet extension of ${total} bytes is below the ${BODY_MIN} of a message`);
    if (total > this.messageBytes) {
      throw this.#error(
        `packet extension of ${total} bytes is over the limit of ${this.messageBytes} (limits.messageBytes)`,
      );
    }
    this.#extension = new Extension(total, this.#offset);
  }

  #deliverExtension(): void {
    const extension = this.#extension;
    if (extension === undefined || extension.length < extension.total) return;
    this.#extension = undefined;
    const end = this.#offset;
    this.#unitEnd = end;
    this.#offset = extension.began;
    this.sink.body(extension.bytes, 0, extension.total);
    this.#offset = end;
  }

  #tooLong(what: string, length: number, bytes: Buffer, at: number): WireError {
    const foreign = this.#offset === 0 ? foreignProtocol(bytes.subarray(at)) : undefined;
    const hint = foreign === undefined ? '' : `: the peer speaks ${foreign}, and this place plain ESP`;
    return this.#error(`${what} length ${length} is over ${FRAME_MAX}${hint}`);
  }

  #error(problem: string, more = 0): WireError {
    return new WireError(problem, this.#offset + more, 'stream');
  }
}

/** A body that comes in fragments; its buffer grows with what has come. */
class Extension {
  bytes: Buffer;
  length = 0;
  fragmentLeft = 0;

  /** @param began stream offset of its marker */
  constructor(
    readonly total: number,
    readonly began: number,
  ) {
    this.bytes = Buffer.allocUnsafe(Math.min(total, 2 * FRAME_MAX));
  }

  take(chunk: Buffer, at: number): number {
    const count = Math.min(this.fragmentLeft, chunk.length - at);
    const needed = this.length + count;
    if (needed > this.bytes.length) {
      this.bytes = grow(this.bytes, this.length, Math.min(this.total, Math.max(needed, this.bytes.length * 2)));
    }
    chunk.copy(this.bytes, this.length, at, at + count);
    this.length = needed;
    this.fragmentLeft -= count;
    return count;
  }
}

function grow(bytes: Buffer, used: number, capacity: number): Buffer {
  const grown = Buffer.allocUnsafe(capacity);
  bytes.copy(grown, 0, 0, used);
  return grown;
}

const isMarker = (bytes: Buffer, at: number): boolean =>
  bytes.compare(PACKET_EXTENSION, 0, PACKET_EXTENSION.length, at, at + PACKET_EXTENSION.length) === 0;
