/** How long a test waits for one event: less than the timeout of a test, so that the failure names the event. */
const PATIENCE_MS = 25_000;

/** The real ones: a test may have put fake timers in their place. */
const { setTimeout, clearTimeout, setImmediate, performance } = globalThis;

/** Checks made in a row before each waits a moment: most conditions hold within a few turns of the event loop. */
const EAGER_CHECKS = 100;

/** Waits until `holds` returns true. @throws Error that names `what` after `patienceMs` */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what = String(holds),
  patienceMs = PATIENCE_MS,
): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (let checks = 0; !(await holds()); checks++) {
    if (performance.now() > deadline) throw new Error(`did not happen within ${patienceMs} ms: ${what}`);
    await new Promise<void>((resolve) => {
      if (checks < EAGER_CHECKS) setImmediate(resolve);
      else setTimeout(resolve, 2);
    });
  }
}

/** The result of `event`. @throws Error that names `what` after `patienceMs` */
export async function inTime<T>(
  event: Promise<T>,
  what: string | (() => string),
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new Error(`did not happen within ${patienceMs} ms: ${typeof what === 'string' ? what : what()}`));
  }, patienceMs);
  try {
    return await Promise.race([event, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Lets tests wait for something that is announced, such as a line, a message or the end of a process. */
export class Changes {
  #waiting: (() => void)[] = [];

  /** Something has changed: whoever waits looks again. */
  announce(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** The first value of `find` that is not undefined. @throws what `find` throws, or Error that names `what` */
  first<T>(find: () => T | undefined, what: string | (() => string)): Promise<T> {
    return inTime(this.#first(find), what);
  }

  async #first<T>(find: () => T | undefined): Promise<T> {
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}
