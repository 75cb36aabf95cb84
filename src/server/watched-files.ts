import { statSync } from 'node:fs';
import { stat } from 'node:fs/promises';

interface Dated {
  readonly ino: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
}

/** How far the clock that dates files may be behind. */
const CLOCK_MS = 10;

/**
 * Files that are looked at again and again for a change. That works as well over the network, and where another file
 * takes the place of the first by a rename or behind a symbolic link, as Kubernetes does it.
 */
export class WatchedFiles {
  /** What each looked like. */
  readonly #seen = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(
    private readonly pollMs: number,
    private readonly changed: () => void,
  ) {
    this.#wait();
  }

  /** @param readAt when what they hold was read (milliseconds since 1970): one that has changed since counts, too */
  add(files: readonly string[], readAt: number): void {
    for (const file of files) {
      if (this.#seen.has(file)) continue;
      const found = statSync(file, { throwIfNoEntry: false });
      this.#seen.set(file, look(found));
      if (found !== undefined && Math.max(found.mtimeMs, found.ctimeMs) >= readAt - CLOCK_MS) this.changed();
    }
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #wait(): void {
    this.#timer = setTimeout(() => void this.#lookAtAll(), this.pollMs).unref();
  }

  async #lookAtAll(): Promise<void> {
    const now = await Promise.all([...this.#seen.keys()].map(async (file) => [file, await lookAt(file)] as const));
    if (this.#closed) return;
    const changed = now.filter(([file, like]) => this.#seen.get(file) !== like);
    for (const [file, like] of changed) this.#seen.set(file, like);
    if (changed.length > 0) this.changed();
    this.#wait();
  }
}

const lookAt = async (file: string): Promise<string> => look(await stat(file).catch(() => undefined));

const look = (found: Dated | undefined): string =>
  found === undefined ? '' : [found.ino, found.size, found.mtimeMs, found.ctimeMs].join(' ');
