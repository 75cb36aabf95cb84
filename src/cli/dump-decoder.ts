import type { EspMessage } from '../esp/index.js';
import { type Charset, decodeBody, FrameReader, WireError } from '../wire/index.js';
import { DumpBlocks, DumpError, dumpLine } from './hex-dump.js';
import { PacketError, type Segment, tcpSegment } from './tcp-segment.js';

export interface DumpEvents {
  message(message: EspMessage): void;
  /** Something is wrong at this line. */
  problem(line: number, text: string): void;
  /** Something that was left out, and is no mistake. */
  note(line: number, text: string): void;
}

const MESSAGE_BYTES = 256 << 20;

/** What tcpdump writes above a packet: `12:34:56.789 IP 127.0.0.1.50123 > 127.0.0.1.7120: Flags [P.], ...`. */
const CAPTION = /\s>\s\S+:(\s|$)/;

/**
 * Messages out of the hex dumps of tcpdump, xxd, hexdump and Wireshark. Dumps that follow each other are one stream;
 * those of TCP packets are put together to a stream for each direction of each connection.
 */
export class DumpDecoder {
  readonly #blocks = new DumpBlocks();
  #streams = new Map<string, Stream>();

  constructor(
    private readonly charset: Charset,
    private readonly events: DumpEvents,
  ) {}

  /** Takes a line of a dump, or of what stands between dumps; false for any other. */
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

  /** The dumps are over. */
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
      if (segment === 'other') this.events.note(line, 'a packet of another protocol than TCP is left out');
      else if (segment === undefined) this.#stream('').bytes(bytes, line);
      else this.#flow(segment).segment(segment, line);
    } catch (error) {
      if (!(error instanceof PacketError)) throw error;
      this.events.problem(line, error.message);
    }
  }

  /** A connection that opens is another one than was on these ports before. */
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

/** One direction of one connection, or dumps without any packet around them. */
class Stream {
  readonly #reader: FrameReader;
  /** Segments that came before one that is missing. */
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
          events.note(this.#line, `ADDP frame ${String.fromCharCode(letter)} ${value} is left out`);
        },
      },
      MESSAGE_BYTES,
    );
  }

  /** One whose lists break the format is told, and the stream goes on behind it. */
  #message(bytes: Buffer, start: number, end: number, charset: Charset): void {
    try {
      this.events.message(decodeBody(bytes, start, end, charset));
    } catch (error) {
      this.#problem(error);
    }
  }

  /** What comes next. */
  bytes(bytes: Buffer, line: number): void {
    this.#line = line;
    this.#watched(() => this.#reader.push(bytes));
  }

  /** In whichever order, and as often, as the network had them. */
  segment(segment: Segment, line: number): void {
    if (segment.opens) this.#next = segment.sequence;
    this.#early.push({ segment, line });
    while (this.#takeNext());
  }

  end(): void {
    const [early] = this.#early;
    if (early !== undefined) {
      const missing = distance(this.#next ?? 0, early.segment.sequence);
      this.events.problem(early.line, `${missing} bytes before this packet were not captured (${this.flow})`);
      return;
    }
    this.#watched(() => this.#reader.end());
  }

  /** A segment that goes on where the last one ended, or repeats some of it. */
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

  /** After bytes that break the format nothing more can be read. */
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

/** How far `to` is behind `from`, in sequence numbers that begin anew after 32 bits. */
const distance = (from: number, to: number): number => (to - from) | 0;
