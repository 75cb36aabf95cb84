import { type Frame, FrameCutter, type WireError } from 'esp-host/wire';
import { MESSAGE_BYTES } from '../limits.js';
import type { Peer } from './peer.js';

export interface FlowEvents {
  /** Whether frames are held until they are whole, for `held` to say what becomes of them. */
  holding(): boolean;
  /** A frame came whole, and its bytes went on as they were. */
  passed(frame: Frame): void;
  /** A frame came whole, and none of its bytes went on. */
  held(frame: Frame): void;
  broken(error: WireError): void;
  /** Its source has nothing more to say, and all that was held has gone on. */
  ended(): void;
}

/** One direction: every byte of `from` goes on to `to`, untouched, in order, no faster than `to` takes it. */
export class Flow {
  readonly #cutter = new FrameCutter(MESSAGE_BYTES);
  /** Stream offset up to which bytes have gone on, or were given to `held`. */
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

  /** Runs `send` after `ms`, or when `atOnce` fires; not at all where the flow is stopped before. */
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
    const began = this.#cutter.received;
    const wasBroken = this.#cutter.broken !== undefined;
    const holding = this.events.holding();
    const frames = this.#cutter.push(chunk);
    const whole = !wasBroken && !holding && this.#passed === began;
    if (whole) this.#pass(chunk);
    for (const frame of frames) this.#frame(frame, holding);
    if (!whole) this.#rest(chunk, began, holding);
    this.#tellBroken(wasBroken);
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

  /** What is behind the last whole frame goes on unless it is held, and once its beginning has, all of it has to. */
  #rest(chunk: Buffer, began: number, holding: boolean): void {
    const { broken, cut, received } = this.#cutter;
    if (holding && broken === undefined && this.#passed <= cut) return;
    this.#pass(
      this.#passed >= began ? chunk.subarray(this.#passed - began) : this.#cutter.rest().subarray(this.#passed - cut),
    );
    this.#passed = received;
  }

  #pass(bytes: Buffer): void {
    this.#passed += bytes.length;
    this.write(bytes);
  }

  #tellBroken(wasBroken: boolean): void {
    const { broken } = this.#cutter;
    if (broken !== undefined && !wasBroken) this.events.broken(broken);
  }

  #end(): void {
    this.#sourceEnded = true;
    const { broken, cut, received } = this.#cutter;
    if (this.#passed < received) this.#pass(this.#cutter.rest().subarray(this.#passed - cut));
    this.#cutter.end();
    this.#tellBroken(broken !== undefined);
    this.#endIfDone();
  }

  #endIfDone(): void {
    if (this.#sourceEnded && this.#delays.size === 0) this.events.ended();
  }
}

class Delay {
  readonly #timer: NodeJS.Timeout;
  readonly #over: () => void;

  constructor(
    ms: number,
    private readonly atOnce: AbortSignal,
    run: () => void,
  ) {
    this.#over = () => {
      this.cancel();
      run();
    };
    this.#timer = setTimeout(this.#over, ms);
    atOnce.addEventListener('abort', this.#over, { once: true });
  }

  cancel(): void {
    clearTimeout(this.#timer);
    this.atOnce.removeEventListener('abort', this.#over);
  }
}
