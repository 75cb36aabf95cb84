import type { EspMessage } from '../../esp/index.js';
import { type Charset, decodeBody, FrameReader, WireError } from '../../wire/index.js';
import { DumpError } from '../errors.js';
import { MESSAGE_BYTES } from '../options.js';
import { DumpBlocks, dumpLine } from './hex-dump.js';
import { type Segment, tcpSegment } from './tcp-segment.js';

export interface DumpEvents {
  message(message: EspMessage): void;
  /** An error at this line. */
  problem(line: number, text: string): void;
  /** Something that was skipped, without an error. */
  note(line: number, text: string): void;
}

/** The line that tcpdump prints before a packet: `12:34:56.789 IP 127.0.0.1.50123 > 127.0.0.1.7120: Flags [P.], ...`. */
const CAPTION = /\s>\s\S+:(\s|$)/;

/**
 * Decodes messages from hex dumps of tcpdump, xxd, hexdump and Wireshark. Consecutive dumps form one stream; TCP packets
 * form a stream for each direction of each connection.
 */
export class DumpDecoder {
  readonly #blocks = new DumpBlocks();
  #streams = new Map<string, Stream>();

  constructor(
    private readonly charset: Charset,
    private readonly events: DumpEvents,
  ) {}

  /** Takes a line. @returns false if it belongs to no dump */
  line(text: string, number: number): boolean {
    const line = dumpLine(text);
    if (line === undefined) return this.#blocks.mark(text) || CAPTION.test(text);
    if (line.offset > 0 && !this.#blocks.begun && /^[0-9a-f\s]+$/i.test(text)) return false;
    try {
      this.#block(this.#blocks.add(line, number));
    } catch (error) {
      if (!(error instanceof DumpError)) throw error;
      this.events.problem(number, error.message);
    }
    return true;
  }

  /** Ends the dumps, and all streams. */
  end(): void {
    this.#block(this.#blocks.take());
    for (const stream of this.#streams.values()) stream.end();
    this.#streams = new Map();
  }

  #block(block: { readonly bytes: Buffer; readonly line: number } | undefined): void {
    if (block === undefined) return;
    const { bytes, line } = block;
    try {
      const segment = tcpSegment(bytes);
      if (segment === 'other') this.events.note(line, 'skipped a packet that is not TCP');
      else if (segment === undefined) this.#stream('').bytes(bytes, line);
      else this.#flow(segment).segment(segment, line);
    } catch (error) {
      if (!(error instanceof DumpError)) throw error;
      this.events.problem(line, error.message);
    }
  }

  /** A SYN starts a new connection, even on the same ports. */
  #flow({ flow, opens }: Segment): Stream {
    if (opens) {
      this.#streams.get(flow)?.end();
      this.#streams.delete(flow);
    }
    return this.#stream(flow);
  }

  #stream(flow: string): Stream {
    const stream = this.#streams.get(flow) ?? new Stream(flow, this.charset, this.events);
    this.#streams.set(flow, stream);
    return stream;
  }
}

/** One direction of a connection, or dumps without packets. */
class Stream {
  readonly #reader: FrameReader;
  /** Segments after a gap. */
  #early: { readonly segment: Segment; readonly line: number }[] = [];
  #next: number | undefined;
  #line = 0;
  #broken = false;

  constructor(
    private readonly flow: string,
    charset: Charset,
    private readonly events: DumpEvents,
  ) {
    this.#reader = new FrameReader(
      {
        body: (bytes, start, end) => this.#message(bytes, start, end, charset),
        addp: (letter, value) => {
          events.note(this.#line, `skipped ADDP frame ${String.fromCharCode(letter)} ${value}`);
        },
      },
      MESSAGE_BYTES,
    );
  }

  /** A message with malformed lists is reported; the stream continues after it. */
  #message(bytes: Buffer, start: number, end: number, charset: Charset): void {
    try {
      this.events.message(decodeBody(bytes, start, end, charset));
    } catch (error) {
      this.#problem(error);
    }
  }

  /** Takes the next bytes of the stream. */
  bytes(bytes: Buffer, line: number): void {
    this.#line = line;
    this.#watched(() => this.#reader.push(bytes));
  }

  /** Takes a segment; segments may be out of order and repeated. */
  segment(segment: Segment, line: number): void {
    if (segment.opens) this.#next = segment.sequence;
    this.#early.push({ segment, line });
    while (this.#takeNext());
  }

  end(): void {
    const [early] = this.#early;
    if (early !== undefined) {
      const missing = distance(this.#next ?? 0, early.segment.sequence);
      this.events.problem(early.line, `${missing} bytes before this packet are missing (${this.flow})`);
      return;
    }
    this.#watched(() => this.#reader.end());
  }

  /** Takes the segment that continues the stream, if there is one. */
  #takeNext(): boolean {
    const index = this.#early.findIndex(
      ({ segment }) => this.#next === undefined || distance(this.#next, segment.sequence) <= 0,
    );
    const [found] = index < 0 ? [] : this.#early.splice(index, 1);
    if (found === undefined) return false;
    const { sequence, payload } = found.segment;
    const fresh = payload.subarray(this.#next === undefined ? 0 : -distance(this.#next, sequence));
    this.#next = fresh.length === 0 ? (this.#next ?? sequence) : (sequence + payload.length) >>> 0;
    if (fresh.length > 0) this.bytes(fresh, found.line);
    return true;
  }

  /** Reports the first error; the rest of the stream cannot be decoded. */
  #watched(read: () => void): void {
    if (this.#broken) return;
    try {
      read();
    } catch (error) {
      this.#broken = true;
      this.#problem(error);
    }
  }

  #problem(error: unknown): void {
    if (!(error instanceof WireError)) throw error;
    this.events.problem(this.#line, this.flow === '' ? error.message : `${error.message} (${this.flow})`);
  }
}

/** The distance between two sequence numbers, which wrap around at 32 bits. */
const distance = (from: number, to: number): number => (to - from) | 0;
