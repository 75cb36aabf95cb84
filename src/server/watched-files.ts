import { statSync } from 'node:fs';
import { stat } from 'node:fs/promises';

interface Dated {
  readonly ino: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
}

/**
 * Files that are read, and looked at again and again for a change since then. That works as well over the network, and
 * where another file takes the place of the first by a rename or behind a symbolic link, as Kubernetes does it.
 */
export class WatchedFiles {
  /** What each looked like before it was read. */
  readonly #seen = new Map<string, string>();
  /** Counts what `read` and `add` change in `seen`. */
  #changes = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /**
   * Reads files, and notes what each looked like before. Where it turns out that files were read that nobody has looked
   * at before, all are read again. @param files those that were read, whether `read` threw or not
   */
  async read<T>(read: () => T | Promise<T>, files: () => readonly string[]): Promise<T> {
    this.#note([...this.#seen.keys()]);
    for (;;) {
      try {
        const result = await read();
        if (!this.add(files())) return result;
      } catch (error) {
        if (!this.add(files())) throw error;
      }
    }
  }

  /** Notes what these files look like now, where that is not known yet. @returns whether one of them was not known */
  add(files: readonly string[]): boolean {
    const more = files.filter((file) => !this.#seen.has(file));
    this.#note(more);
    return more.length > 0;
  }

  /** From now on looks at all of them every `pollMs`, and calls `changed` where one looks different. */
  watch(pollMs: number, changed: () => void): void {
    const look = async (): Promise<void> => {
      if (await this.#haveChanged()) changed();
      if (!this.#closed) this.watch(pollMs, changed);
    };
    if (!this.#closed) this.#timer = setTimeout(() => void look(), pollMs).unref();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #note(files: readonly string[]): void {
    this.#changes++;
    for (const file of files) this.#seen.set(file, look(statSync(file, { throwIfNoEntry: false })));
  }

  async #haveChanged(): Promise<boolean> {
    const changes = this.#changes;
    const now = await Promise.all([...this.#seen.keys()].map(async (file) => [file, await lookAt(file)] as const));
    // What was found is out of date where files were read meanwhile.
    if (this.#closed || changes !== this.#changes) return false;
    const changed = now.filter(([file, like]) => this.#seen.get(file) !== like);
    for (const [file, like] of changed) this.#seen.set(file, like);
    return changed.length > 0;
  }
}

const lookAt = async (file: string): Promise<string> => look(await stat(file).catch(() => undefined));

const look = (found: Dated | undefined): string =>
  found === undefined ? '' : [found.ino, found.size, found.mtimeMs, found.ctimeMs].join(' ');
