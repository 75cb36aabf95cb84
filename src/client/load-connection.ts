import { type EspMessage, faultIn, MessageId } from '../esp/index.js';
import { EspSocket } from '../transport/index.js';
import { type Charset, charset, decodeBody, encodeMessage, referenceIdOffset } from '../wire/index.js';
import { type ConnectOptions, connect } from './connect.js';
import { countOne, type LoadTotals } from './load-totals.js';

/** Options of {@link Load}. */
export interface LoadOptions extends ConnectOptions {
  readonly connections: number;
  /** Requests in flight on each connection. */
  readonly inFlight: number;
  /** Opens a connection for each request and closes it after the reply, as some clients do. `inFlight` is then 1. */
  readonly connectionPerRequest?: boolean;
  /** The requests, sent in turn. The load assigns their ReferenceIds. */
  readonly messages: readonly [EspMessage, ...EspMessage[]];
  /** Charset of type 0 strings and keys. @default 'utf-8' */
  readonly charset?: string;
  /** How long a reply may take, in ms. */
  readonly timeoutMs: number;
}

/** Delay before a lost connection is opened again, in ms. */
const RETRY_MS = 100;

const LIMITS = { messageBytes: 64 << 20, frameMs: 60_000 };

/** A free slot: ReferenceIds are 0 and above. */
const FREE = -1;

/**
 * One connection of a load. It has a number of slots with one request in flight each: a reply frees its slot for the next
 * request. The slot of a request is its ReferenceId modulo the number of slots.
 */
export class LoadConnection {
  readonly #slots: number;
  readonly #inFlight: Int32Array;
  readonly #sentAt: Float64Array;
  #socket: EspSocket | undefined;
  #retry: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(
    private readonly options: LoadOptions,
    private readonly requests: RequestFrames,
    private readonly totals: LoadTotals,
  ) {
    this.#slots = options.connectionPerRequest ? 1 : options.inFlight;
    this.#inFlight = new Int32Array(this.#slots).fill(FREE);
    this.#sentAt = new Float64Array(this.#slots);
  }

  /** Connects and sends a request in each slot. @throws ConnectError */
  async begin(): Promise<void> {
    const startedAt = performance.now();
    const socket = await connect(this.options);
    if (this.#stopped) {
      socket.destroy();
      return;
    }
    const mine = new EspSocket(socket, LIMITS, {
      body: (bytes, start, end) => this.#reply(bytes, start, end),
      closed: (problem) => this.#closed(mine, problem),
    });
    this.#socket = mine;
    for (let slot = 0; slot < this.#slots; slot++) this.#send(mine, slot, this.#next(slot), startedAt);
  }

  /** Gives up requests sent before `time`, and sends the next ones in their slots. */
  expire(time: number): void {
    for (let slot = 0; slot < this.#slots; slot++) {
      if (this.#inFlight[slot] === FREE || (this.#sentAt[slot] as number) >= time) continue;
      this.totals.timeouts++;
      this.#sendNext(slot);
    }
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#retry);
    this.#socket?.socket.destroy();
  }

  #reply(bytes: Buffer, start: number, end: number): void {
    const offset = referenceIdOffset(bytes, start, end);
    const referenceId = offset === undefined ? FREE : bytes.readInt32BE(offset);
    const slot = referenceId % this.#slots;
    if (referenceId < 0 || this.#inFlight[slot] !== referenceId) {
      this.totals.unmatched++;
      return;
    }
    this.totals.latencies.record((performance.now() - (this.#sentAt[slot] as number)) * 1000);
    if (bytes.readInt32BE(start + 1) === MessageId.Event3rdServerResponse) this.totals.responses++;
    else countOne(this.totals.faults, faultIn(decodeBody(bytes, start, end, this.requests.charset)).code);
    this.#sendNext(slot);
  }

  /** Sends the next request of a slot. */
  #sendNext(slot: number): void {
    const referenceId = this.#next(slot);
    this.#inFlight[slot] = FREE;
    const socket = this.#socket;
    if (this.#stopped || socket === undefined) return;
    if (!this.options.connectionPerRequest) {
      this.#send(socket, slot, referenceId, performance.now());
      return;
    }
    this.#socket = undefined;
    socket.end();
    this.#reconnect();
  }

  #next(slot: number): number {
    return nextReferenceId(this.#inFlight[slot] as number, slot, this.#slots);
  }

  #send(socket: EspSocket, slot: number, referenceId: number, at: number): void {
    this.#inFlight[slot] = referenceId;
    this.#sentAt[slot] = at;
    socket.writeMessage(this.requests.next(referenceId));
  }

  #closed(socket: EspSocket, problem: Error | undefined): void {
    if (this.#stopped || socket !== this.#socket) return;
    countOne(this.totals.connectionErrors, problem?.message ?? 'the server closed the connection');
    this.totals.lost += this.#slots;
    this.#inFlight.fill(FREE);
    this.#reconnectLater();
  }

  #reconnect(): void {
    this.begin().catch((error: Error) => {
      if (this.#stopped) return;
      countOne(this.totals.connectionErrors, error.message);
      this.#reconnectLater();
    });
  }

  #reconnectLater(): void {
    this.#retry = setTimeout(() => this.#reconnect(), RETRY_MS);
  }
}

/** The ReferenceId after `last` in a slot. It begins again at the end of int32. */
export const nextReferenceId = (last: number, slot: number, slots: number): number =>
  last === FREE || last > 0x7fffffff - slots ? slot : last + slots;

interface Frame {
  readonly bytes: Buffer;
  /** Offset of its ReferenceId. */
  readonly referenceIdAt: number;
}

/** Encoded requests. Only their ReferenceIds change from one to the next. */
export class RequestFrames {
  readonly charset: Charset;
  readonly #frames: readonly Frame[];
  #turn = 0;

  constructor(messages: readonly EspMessage[], charsetName: string | undefined) {
    this.charset = charset(charsetName);
    this.#frames = messages.map((message) => frameOf(message, this.charset));
  }

  /** The next request with this ReferenceId. The bytes are valid until the next call. */
  next(referenceId: number): Buffer {
    const frame = this.#frames[this.#turn] as Frame;
    this.#turn = this.#turn + 1 === this.#frames.length ? 0 : this.#turn + 1;
    frame.bytes.writeInt32BE(referenceId, frame.referenceIdAt);
    return frame.bytes;
  }
}

/** The ReferenceId is where frames with different ReferenceIds differ. */
function frameOf(message: EspMessage, set: Charset): Frame {
  const bytes = encodeMessage({ ...message, referenceId: 0 }, set);
  const other = encodeMessage({ ...message, referenceId: -1 }, set);
  return { bytes, referenceIdAt: bytes.findIndex((byte, at) => byte !== other[at]) };
}
