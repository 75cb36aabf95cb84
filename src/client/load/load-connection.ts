import { faultIn, MessageId } from '../../esp/index.js';
import { EspSocket } from '../../transport/index.js';
import { decodeBody, referenceIdOffset } from '../../wire/index.js';
import { connect } from '../connect.js';
import type { LoadOptions } from './load-options.js';
import { countOne, type LoadTotals } from './load-totals.js';
import type { Requests } from './requests.js';

/** How long after a lost connection the next one is tried, in ms. */
const RETRY_MS = 100;

const LIMITS = { messageBytes: 64 << 20, frameMs: 60_000 };

/** No request: ReferenceIds are 0 and above. */
const NOTHING = -1;

/**
 * One connection of a load. It has a number of places, each with one request in flight: a reply makes place for the
 * next. A request's ReferenceId less a multiple of the number of places is its place.
 */
export class LoadConnection {
  readonly #places: number;
  readonly #waiting: Int32Array;
  readonly #sentAt: Float64Array;
  #socket: EspSocket | undefined;
  #retry: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(
    private readonly options: LoadOptions,
    private readonly requests: Requests,
    private readonly totals: LoadTotals,
  ) {
    this.#places = options.connectionPerRequest ? 1 : options.inFlight;
    this.#waiting = new Int32Array(this.#places).fill(NOTHING);
    this.#sentAt = new Float64Array(this.#places);
  }

  /** Connects and sends a request from each place. @throws ConnectError */
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
    for (let place = 0; place < this.#places; place++) this.#send(mine, place, this.#next(place), startedAt);
  }

  /** Gives up what was sent before `time`: the place is for the next request. */
  expire(time: number): void {
    for (let place = 0; place < this.#places; place++) {
      if (this.#waiting[place] === NOTHING || (this.#sentAt[place] as number) >= time) continue;
      this.totals.timeouts++;
      this.#goOn(place);
    }
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#retry);
    this.#waiting.fill(NOTHING);
    this.#socket?.socket.destroy();
  }

  #reply(bytes: Buffer, start: number, end: number): void {
    const offset = referenceIdOffset(bytes, start, end);
    const referenceId = offset === undefined ? NOTHING : bytes.readInt32BE(offset);
    const place = referenceId % this.#places;
    if (referenceId < 0 || this.#waiting[place] !== referenceId) {
      this.totals.unmatched++;
      return;
    }
    this.totals.latencies.record((performance.now() - (this.#sentAt[place] as number)) * 1000);
    if (bytes.readInt32BE(start + 1) === MessageId.Event3rdServerResponse) this.totals.responses++;
    else countOne(this.totals.faults, faultIn(decodeBody(bytes, start, end, this.requests.charset)).code);
    this.#goOn(place);
  }

  /** The next request of a place whose last one is over. */
  #goOn(place: number): void {
    const referenceId = this.#next(place);
    this.#waiting[place] = NOTHING;
    const socket = this.#socket;
    if (this.#stopped || socket === undefined) return;
    if (!this.options.connectionPerRequest) {
      this.#send(socket, place, referenceId, performance.now());
      return;
    }
    this.#socket = undefined;
    socket.end();
    this.#again();
  }

  #next(place: number): number {
    const last = this.#waiting[place] as number;
    return last === NOTHING || last > 0x7fffffff - this.#places ? place : last + this.#places;
  }

  #send(socket: EspSocket, place: number, referenceId: number, at: number): void {
    this.#waiting[place] = referenceId;
    this.#sentAt[place] = at;
    socket.writeMessage(this.requests.next(referenceId));
  }

  #closed(socket: EspSocket, problem: Error | undefined): void {
    if (this.#stopped || socket !== this.#socket) return;
    this.#socket = undefined;
    countOne(this.totals.connectionErrors, problem?.message ?? 'the server closed the connection');
    for (const waiting of this.#waiting) if (waiting !== NOTHING) this.totals.lost++;
    this.#waiting.fill(NOTHING);
    this.#later();
  }

  #again(): void {
    this.begin().catch((error: Error) => {
      if (this.#stopped) return;
      countOne(this.totals.connectionErrors, error.message);
      this.#later();
    });
  }

  #later(): void {
    this.#retry = setTimeout(() => this.#again(), RETRY_MS);
  }
}
