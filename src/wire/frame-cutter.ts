import { ADDP_LENGTH } from './addp.js';
import { WireError } from './errors.js';
import { FrameReader } from './frame-reader.js';

/** A complete message (a frame or packet extension) or ADDP frame, with exactly its bytes on the wire. */
export interface Frame {
  readonly kind: 'message' | 'addp';
  readonly bytes: Buffer;
  /** The message: attribute count, message id, attributes. Empty for an ADDP frame. */
  readonly body: Buffer;
  /** Stream offsets. */
  readonly start: number;
  readonly end: number;
  /** Whether it is an ADDP frame between the fragments of a packet extension, whose bytes include it. */
  readonly inside: boolean;
}

type Cut = Omit<Frame, 'bytes'>;

const EMPTY = Buffer.alloc(0);

/** Cuts one direction of a connection into complete frames, and keeps the bytes of the incomplete one. */
export class FrameCutter {
  /** Set when the stream breaks the format: it yields no more frames. */
  broken: WireError | undefined;
  /** Stream offset of the end of the received bytes. */
  received = 0;
  /** Stream offset of the end of the last complete frame. */
  cut = 0;
  readonly #reader: FrameReader;
  #found: Cut[] = [];
  /** The bytes from `cut` on. */
  #kept: Buffer[] = [];

  /** @param messageBytes the maximum message body */
  constructor(messageBytes: number) {
    this.#reader = new FrameReader(
      {
        body: (bytes, start, end) => this.#message(bytes.subarray(start, end)),
        addp: () => this.#addp(),
      },
      messageBytes,
    );
  }

  /** @returns the frames that this chunk completes */
  push(chunk: Buffer): Frame[] {
    this.received += chunk.length;
    if (this.broken !== undefined) return [];
    this.#kept.push(chunk);
    this.#catching(() => this.#reader.push(chunk));
    return this.#take();
  }

  /** The stream has ended. Inside a frame, that breaks the format, too. */
  end(): void {
    this.#catching(() => this.#reader.end());
  }

  /** The bytes after the last complete frame. */
  rest(): Buffer {
    const rest = joined(this.#kept);
    this.#kept = [rest];
    return rest;
  }

  #catching(read: () => void): void {
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

  #addp(): void {
    const { unitEnd, unfinished } = this.#reader;
    this.#found.push({ kind: 'addp', body: EMPTY, start: unitEnd - ADDP_LENGTH, end: unitEnd, inside: unfinished });
  }
}

/** Copies the bytes, so that a frame does not pin the chunk in which it arrived. */
function frameOf(cut: Cut, bytes: Buffer, from: number): Frame {
  const own = Buffer.from(bytes.subarray(cut.start - from, cut.end - from));
  const plain = cut.kind === 'message' && own.length === cut.body.length + 4;
  return { ...cut, bytes: own, body: plain ? own.subarray(4) : cut.body };
}

const joined = (chunks: readonly Buffer[]): Buffer =>
  chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
