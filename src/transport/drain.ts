/** How long a connection must have been quiet to be closed while its listener drains, in ms. */
export const QUIET_MS = 100;

/** What a listener that has closed does with the connections that are still open, each step later than the one before. */
export interface DrainSteps {
  /** At half of the time: end each connection as soon as nothing waits, quiet or not. */
  endWhenIdle?(): void;
  /** At three quarters: begin nothing more, and end each connection behind its last reply. */
  stopReading?(): void;
  /** Shortly before the end: answer what still waits with fault 920 stopping. */
  turnAway(): void;
  /** At the end. */
  destroy(): void;
}

/** At most this long before the end of a drain, in ms, what still waits is turned away: the replies have to go out. */
const LAST_MS = 100;

/** Takes the steps at their times. @returns what stops that */
export function drainIn(drainMs: number, steps: DrainSteps): () => void {
  const left: [at: number, step: () => void][] = [
    [drainMs / 2, () => steps.endWhenIdle?.()],
    [(drainMs * 3) / 4, () => steps.stopReading?.()],
    [drainMs - Math.min(LAST_MS, drainMs / 10), () => steps.turnAway()],
    [drainMs, () => steps.destroy()],
  ];
  const began = performance.now();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const next = (): void => {
    const [at, step] = left.shift() ?? [];
    if (at === undefined) return;
    const run = (): void => {
      if (stopped) return;
      step?.();
      next();
    };
    timer = setTimeout(() => afterPoll(run), Math.max(0, began + at - performance.now()));
  };
  next();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

/**
 * Runs something when Node has read what sockets hold at this moment. A timer that fires late, because something kept
 * the event loop busy, comes before the bytes that arrived meanwhile.
 */
export function afterPoll(run: () => void): void {
  // The poll phase that comes before the first may be over already.
  setImmediate(() => setImmediate(run));
}
