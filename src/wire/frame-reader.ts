import { ADDP_FIRST, ADDP_LENGTH, ADDP_SECOND, isAddpLetter } from './addp.js';
import { BODY_MIN, EXTENSION_HEADER, FRAME_MAX, PACKET_EXTENSION } from './constants.js';
import { WireError, type WireErrorCode } from './errors.js';

export interface FrameSink {
  /** A complete message body. The reader does not reuse the bytes: a sink may keep them. */
  body(bytes: Buffer, start: number, end: number): void;
  /** An ADDP frame: its letter and its 24-bit value. */
  addp(letter: number, value: number): void;
}

const HEADER = 4;
const MARKER_LENGTH = EXTENSION_HEADER - HEADER;

/**
 * Cuts the byte stream of one connection into message bodies and ADDP frames, however it is split into chunks. A complete
 * frame is read in place; only a frame that spans chunks is copied. Memory use follows the bytes received, not the lengths
 * that they claim. After a WireError, every further call throws the same error.
 */
export class FrameReader {
  /** The beginning of a unit (header, frame, fragment header, ADDP frame) whose end has not arrived. */
  #partial: Buffer = Buffer.alloc(0);
  #partialLength = 0;
  #extension: Extension | undefined;
  #offset = 0;
  #unitEnd = 0;
  #failed: WireError | undefined;
  #stopped = false;
  /** What follows the unit after which it was stopped. */
  #rest: Buffer | undefined;

  constructor(
    private readonly sink: FrameSink,
    /** Maximum message body; it may change between chunks. */
    public messageBytes: number,
  ) {}

  /** Whether a frame or packet extension is incomplete, or waits for `resume`. */
  get unfinished(): boolean {
    return this.#partialLength > 0 || this.#extension !== undefined || this.#rest !== undefined;
  }

  /** Bytes in memory. */
  get bufferedBytes(): number {
    return this.#partial.length + (this.#extension?.bytes.length ?? 0) + (this.#rest?.length ?? 0);
  }

  /** Stream offset of the current unit; in a sink's `body`, of the start of the message. */
  get offset(): number {
    return this.#offset;
  }

  /** In a sink's `body` or `addp`: stream offset of the end of it. */
  get unitEnd(): number {
    return this.#unitEnd;
  }

  /** Call it from the sink: reads nothing after the current unit until `resume`. */
  stop(): void {
    this.#stopped = true;
  }

  /** Reads what was left when it was stopped. @throws WireError, also one from the sink's `body` */
  resume(): void {
    const rest = this.#rest;
    this.#stopped = false;
    this.#rest = undefined;
    if (rest !== undefined) this.push(rest);
  }

  /** Reads a chunk. Do not call it while the reader is stopped. @throws WireError, also one from the sink's `body` */
  push(chunk: Buffer): void {
    if (this.#failed !== undefined) throw this.#failed;
    try {
      this.#read(chunk);
    } catch (error) {
      if (error instanceof WireError) this.#failed = error;
      throw error;
    }
  }

  /** The connection has ended. @throws WireError if it ended inside a message */
  end(): void {
    if (this.#failed !== undefined || !this.unfinished) return;
    const extension = this.#extension;
    const at = this.#offset + this.#partialLength;
    if (extension !== undefined) {
      const received = `received ${extension.length} of ${extension.total} bytes`;
      throw truncated(`the connection ended inside a packet extension: ${received}`, at);
    }
    const needed = this.#unitLength(this.#partial, 0, this.#partialLength);
    const least = needed === HEADER ? 'at least ' : '';
    const received = `received ${this.#partialLength} of ${least}${needed} bytes`;
    throw truncated(`the connection ended inside a frame: ${received}`, at);
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
      } else if (this.#partialLength > 0) {
        at = this.#complete(chunk, at);
      } else {
        const left = chunk.length - at;
        const length = this.#unitLength(chunk, at, left);
        if (left < length) {
          this.#keep(chunk, at, length);
          return;
        }
        this.#unit(chunk, at, length);
        at += length;
      }
    }
  }

  /** Continues the unit that an earlier chunk began. @returns where the rest of the chunk starts */
  #complete(chunk: Buffer, at: number): number {
    const length = this.#unitLength(this.#partial, 0, this.#partialLength);
    if (length > this.#partial.length) this.#partial = grow(this.#partial, this.#partialLength, length);
    const end = Math.min(chunk.length, at + length - this.#partialLength);
    chunk.copy(this.#partial, this.#partialLength, at, end);
    this.#partialLength += end - at;
    if (this.#partialLength === length && this.#unitLength(this.#partial, 0, length) === length) {
      const unit = this.#partial;
      this.#partial = Buffer.alloc(0);
      this.#partialLength = 0;
      this.#unit(unit, 0, length);
    }
    return end;
  }

  #keep(chunk: Buffer, at: number, length: number): void {
    this.#partial = Buffer.allocUnsafe(length);
    this.#partialLength = chunk.copy(this.#partial, 0, at);
  }

  /** The length of the unit at `at`, or at least that of its header, as far as the `left` bytes there say. */
  #unitLength(bytes: Buffer, at: number, left: number): number {
    if (left >= 2 && bytes[at] === ADDP_FIRST && bytes[at + 1] === ADDP_SECOND) return ADDP_LENGTH;
    if (left < HEADER) return HEADER;
    const length = bytes.readUInt32BE(at);
    const what = this.#extension === undefined ? 'frame' : 'fragment';
    if (length > FRAME_MAX) throw this.#tooLong(what, length, bytes, at);
    if (this.#extension !== undefined) return this.#fragmentHeader(length, this.#extension);
    if (length < BODY_MIN) throw this.#impossible(`frame length ${length} is below the ${BODY_MIN} bytes of a message`);
    return HEADER + length;
  }

  #fragmentHeader(length: number, extension: Extension): number {
    const missing = extension.total - extension.length;
    if (length === 0) throw this.#impossible('empty fragment');
    if (length > missing) throw this.#impossible(`fragment of ${length} bytes exceeds the ${missing} bytes missing`);
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
    if (!isAddpLetter(letter)) {
      throw this.#error('ESP_WIRE_ADDP', `unknown ADDP frame 0x${letter.toString(16).padStart(2, '0')}`, 2);
    }
    this.sink.addp(letter, bytes.readUIntBE(at + 3, 3));
  }

  #begin(total: number): void {
    if (total < BODY_MIN) {
      throw this.#impossible(`packet extension of ${total} bytes is below the ${BODY_MIN} bytes of a message`);
    }
    if (total > this.messageBytes) {
      const limit = `limits.messageBytes of ${this.messageBytes} bytes`;
      throw this.#error('ESP_WIRE_MESSAGE_TOO_LONG', `packet extension of ${total} bytes exceeds ${limit}`);
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
    const hint = foreign === undefined ? '' : `: the peer speaks ${foreign} instead of plain ESP`;
    return this.#error('ESP_WIRE_FRAME_TOO_LONG', `${what} length ${length} exceeds ${FRAME_MAX}${hint}`);
  }

  #impossible(problem: string): WireError {
    return this.#error('ESP_WIRE_FRAME_LENGTH', problem);
  }

  #error(code: WireErrorCode, problem: string, more = 0): WireError {
    return new WireError(code, problem, this.#offset + more, 'stream');
  }
}

/** A body in fragments. Its buffer grows with the bytes received. */
class Extension {
  bytes: Buffer;
  length = 0;
  fragmentLeft = 0;

  /** @param began stream offset of the marker */
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

const truncated = (problem: string, offset: number): WireError =>
  new WireError('ESP_WIRE_FRAME_TRUNCATED', problem, offset, 'stream');

const isMarker = (bytes: Buffer, at: number): boolean =>
  bytes.compare(PACKET_EXTENSION, 0, PACKET_EXTENSION.length, at, at + PACKET_EXTENSION.length) === 0;

/** The beginning of a request or of a response. */
const HTTP = /^(HTTP\/|(GET|POST|PUT|HEAD|DELETE|OPTIONS|PATCH|CONNECT|TRACE|PRI) )/;

/** The types of TLS records with which a client and a server begin: handshake and alert. */
const TLS_RECORDS: readonly (number | undefined)[] = [0x16, 0x15];

/** The protocol of a peer whose first bytes are not ESP, if they tell. */
export function foreignProtocol(first: Buffer): 'TLS' | 'HTTP' | undefined {
  if (TLS_RECORDS.includes(first[0]) && first[1] === 0x03) return 'TLS';
  return HTTP.test(first.toString('latin1', 0, 8)) ? 'HTTP' : undefined;
}
