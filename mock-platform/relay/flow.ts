import { type Frame, FrameCutter, type WireError } from '#wire';
import { MESSAGE_BYTES } from '../limits.js';
import type { Peer } from './peer.js';

export interface FlowEvents {
  /** Whether to hold frames until they are complete and hand them to `held`. */
  holding(): boolean;
  /** A frame is complete, and its bytes were forwarded unchanged. */
  passed(frame: Frame): void;
  /** A frame is complete, and none of its bytes were forwarded. */
  held(frame: Frame): void;
  /** The stream breaks the format. */
  broken(error: WireError): void;
  /** The source sent its FIN, and everything held was forwarded. */
  ended(): void;
}

/** One direction of a connection: forwards the bytes unchanged and in order, with backpressure. */
export class Flow {
  readonly #cutter = new FrameCutter(MESSAGE_BYTES);
  /** Stream offset up to which bytes were forwarded or handed to `held`. */
  #passed = 0;
  readonly #delays = new Set<Delay>();
  #sourceEnded = false;

  constructor(
    private readonly from: Peer,
    private readonly to: Peer,
    private readonly events: FlowEvents,
  ) {
    from.socket.on('data', (chunk: Buffer) => this.#data(chunk));
    from.socket.on('end', () => this.#end());
    to.socket.on('drain', () => from.socket.resume());
  }

  write(bytes: Buffer): void {
    if (!this.to.write(bytes)) this.from.socket.pause();
  }

  /** Runs `send` after `ms` or when `atOnce` aborts, unless the flow is stopped first. */
  delay(ms: number, atOnce: AbortSignal, send: () => void): void {
    const delay = new Delay(ms, atOnce, () => {
      this.#delays.delete(delay);
      send();
      this.#endIfDone();
    });
    this.#delays.add(delay);
  }

  stop(): void {
    for (const delay of this.#delays) delay.cancel();
    this.#delays.clear();
  }

  #data(chunk: Buffer): void {
    const start = this.#cutter.received;
    const wasBroken = this.#cutter.broken !== undefined;
    const holding = this.events.holding();
    const frames = this.#cutter.push(chunk);
    const passWhole = !wasBroken && !holding && this.#passed === start;
    if (passWhole) this.#pass(chunk);
    for (const frame of frames) this.#frame(frame, holding);
    if (!passWhole) this.#rest(chunk, start, holding);
    this.#reportBroken(wasBroken);
  }

  #frame(frame: Frame, holding: boolean): void {
    if (frame.inside || frame.end <= this.#passed) {
      this.events.passed(frame);
    } else if (holding && frame.start >= this.#passed) {
      this.#passed = frame.end;
      this.events.held(frame);
    } else {
      this.#pass(frame.bytes.subarray(Math.max(0, this.#passed - frame.start)));
      this.events.passed(frame);
    }
  }

  /** Forwards the incomplete frame at the end, unless it is held and none of it was forwarded yet. */
  #rest(chunk: Buffer, start: number, holding: boolean): void {
    const { broken, cut, received } = this.#cutter;
    if (holding && broken === undefined && this.#passed <= cut) return;
    this.#pass(
      this.#passed >= start ? chunk.subarray(this.#passed - start) : this.#cutter.rest().subarray(this.#passed - cut),
    );
    this.#passed = received;
  }

  #pass(bytes: Buffer): void {
    this.#passed += bytes.length;
    this.write(bytes);
  }

  #reportBroken(wasBroken: boolean): void {
    const { broken } = this.#cutter;
    if (broken !== undefined && !wasBroken) this.events.broken(broken);
  }

  #end(): void {
    this.#sourceEnded = true;
    const { broken, cut, received } = this.#cutter;
    if (this.#passed < received) this.#pass(this.#cutter.rest().subarray(this.#passed - cut));
    this.#cutter.end();
    this.#reportBroken(broken !== undefined);
    this.#endIfDone();
  }

  #endIfDone(): void {
    if (this.#sourceEnded && this.#delays.size === 0) this.events.ended();
  }
}

class Delay {
  readonly #timer: NodeJS.Timeout;
  readonly #finish: () => void;

  constructor(
    ms: number,
    private readonly atOnce: AbortSignal,
    run: () => void,
  ) {
    this.#finish = () => {
      this.cancel();
      run();
    };
    this.#timer = setTimeout(this.#finish, ms);
    atOnce.addEventListener('abort', this.#finish, { once: true });
  }

  cancel(): void {
    clearTimeout(this.#timer);
    this.atOnce.removeEventListener('abort', this.#finish);
  }
}
