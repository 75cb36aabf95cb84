/** While its listener drains, a connection closes after it has been quiet for this time, in ms. */
export const QUIET_MS = 100;

/** What a closed listener does with connections that are still open, one step after the other. */
export interface DrainSteps {
  /** After half of the time: end each connection as soon as no request waits, quiet or not. */
  endWhenIdle?(): void;
  /** After three quarters: read no more requests, and end each connection after its last reply. */
  stopReading?(): void;
  /** Shortly before the end: answer waiting requests with fault 920 stopping. */
  turnAway(): void;
  /** At the end: close what is left. */
  destroy(): void;
}

/** Time to send the last replies at the end of a drain, at most, in ms. */
const LAST_MS = 100;

/** Runs the steps at their times. @returns a function that cancels them */
export function scheduleDrain(drainMs: number, steps: DrainSteps): () => void {
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
 * Runs something after Node has read what its sockets hold now. A timer that fires late, because the event loop was
 * blocked, runs before the bytes that have arrived meanwhile are read.
 */
export function afterPoll(run: () => void): void {
  // The poll phase before the first one may be over already.
  setImmediate(() => setImmediate(run));
}
