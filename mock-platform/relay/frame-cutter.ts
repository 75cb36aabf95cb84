import { encodeAddp, FrameReader, WireError } from 'esp-host/wire';
import { MESSAGE_BYTES } from '../limits.js';

/** A whole message (a frame or a packet extension) or ADDP frame, with exactly the bytes that it has on the wire. */
export interface Frame {
  readonly kind: 'message' | 'addp';
  readonly bytes: Buffer;
  /** Of a message: attribute count, message id, attributes. Of an ADDP frame: empty. */
  readonly body: Buffer;
  /** Stream offsets. */
  readonly start: number;
  readonly end: number;
  /** An ADDP frame between the fragments of a packet extension: the bytes of that message hold it, too. */
  readonly inside: boolean;
}

type Cut = Omit<Frame, 'bytes'>;

const EMPTY = Buffer.alloc(0);

/** Cuts the stream of one direction into whole frames, and keeps the bytes of the one that is not whole yet. */
export class FrameCutter {
  /** Set when the stream has broken the format: nothing is cut from then on. */
  broken: WireError | undefined;
  /** Stream offset up to which bytes have come. */
  received = 0;
  /** Stream offset behind the last whole frame. */
  cut = 0;
  readonly #reader: FrameReader;
  #found: Cut[] = [];
  /** The bytes from `cut` on. */
  #kept: Buffer[] = [];

  constructor() {
    this.#reader = new FrameReader(
      {
        body: (bytes, start, end) => this.#message(bytes.subarray(start, end)),
        addp: (letter, value) => this.#addp(letter, value),
      },
      MESSAGE_BYTES,
    );
  }

  /** @returns the frames that are whole with this chunk; none after the stream broke the format */
  push(chunk: Buffer): Frame[] {
    this.received += chunk.length;
    if (this.broken !== undefined) return [];
    this.#kept.push(chunk);
    this.#watched(() => this.#reader.push(chunk));
    return this.#take();
  }

  /** The stream is over: inside of a frame that breaks the format, too. */
  end(): void {
    this.#watched(() => this.#reader.end());
  }

  /** The bytes behind the last whole frame. */
  rest(): Buffer {
    const rest = joined(this.#kept);
    this.#kept = [rest];
    return rest;
  }

  #watched(read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.broken ??= error;
    }
  }

  #take(): Frame[] {
    const found = this.#found;
    if (found.length === 0) return [];
    this.#found = [];
    const from = this.cut;
    const bytes = this.rest();
    const frames = found.map((one) => frameOf(one, bytes, from));
    for (const { inside, end } of found) if (!inside) this.cut = end;
    const rest = bytes.subarray(this.cut - from);
    this.#kept = rest.length === 0 ? [] : [rest];
    return frames;
  }

  #message(body: Buffer): void {
    this.#found.push({
      kind: 'message',
      body,
      start: this.#reader.offset,
      end: this.#reader.unitEnd,
      inside: false,
    });
  }

  #addp(letter: number, value: number): void {
    const { unitEnd, unfinished } = this.#reader;
    const start = unitEnd - encodeAddp(letter, value).length;
    this.#found.push({ kind: 'addp', body: EMPTY, start, end: unitEnd, inside: unfinished });
  }
}

/** Copies: a frame that somebody keeps must not keep the whole chunk that it came in. */
function frameOf(cut: Cut, bytes: Buffer, from: number): Frame {
  const own = Buffer.from(bytes.subarray(cut.start - from, cut.end - from));
  const plain = cut.kind === 'message' && own.length === cut.body.length + 4;
  return { ...cut, bytes: own, body: plain ? own.subarray(4) : cut.body };
}

const joined = (chunks: readonly Buffer[]): Buffer =>
  chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
