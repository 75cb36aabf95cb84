import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

const current = new AsyncLocalStorage<CaseClock>();
const MachineDate = globalThis.Date;
const machineNow = MachineDate.now;

/** How many pieces of work have a clock of their own at the moment. */
let running = 0;

/**
 * The time of a test case: what `Date` tells all that the case starts. It passes as usual from there. The rest of the
 * process, such as the console that runs the case, keeps the time of the machine.
 */
export class CaseClock {
  #aheadMs: number;

  /** @param at in ms since 1970. @default the time of the machine */
  constructor(at: number | undefined) {
    this.#aheadMs = at === undefined ? 0 : at - machineNow();
  }

  now(): number {
    return machineNow() + this.#aheadMs;
  }

  /** Moves the time on. Timers do not elapse earlier. */
  advance(ms: number): void {
    this.#aheadMs += ms;
  }

  /** Does work at this time. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (running++ === 0) replaceDate();
    try {
      return await current.run(this, work);
    } finally {
      if (--running === 0) restoreDate();
    }
  }
}

/** Node.js tells of each connection that a server has accepted. */
const ACCEPTED = 'net.server.socket';

/** Events of such a connection do not keep the context of its server, and so would not know the clock. */
function keepClock(message: unknown): void {
  const { socket } = message as { readonly socket: Socket };
  const clock = current.getStore();
  if (clock === undefined) return;
  const emit = socket.emit.bind(socket) as (...event: readonly unknown[]) => boolean;
  socket.emit = (...event: readonly unknown[]) => current.run(clock, () => emit(...event));
}

const now = (): number => current.getStore()?.now() ?? machineNow();

/** `Date` with the time of the case that asks. `Date.now` may be kept by those who call it. */
function replaceDate(): void {
  MachineDate.now = now;
  subscribe(ACCEPTED, keepClock);
  globalThis.Date = new Proxy(MachineDate, {
    construct: (target, values, made) => {
      const given = values.length === 0 ? [now()] : values;
      return Reflect.construct(target, given, made);
    },
    apply: () => new MachineDate(now()).toString(),
  });
}

function restoreDate(): void {
  MachineDate.now = machineNow;
  unsubscribe(ACCEPTED, keepClock);
  globalThis.Date = MachineDate;
}
