import { statSync } from 'node:fs';
import { stat } from 'node:fs/promises';

interface Dated {
  readonly ino: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
}

/**
 * Polls files for changes since they were read. Unlike `fs.watch`, this works over the network, and when a file is replaced
 * by a rename or behind a symbolic link, as Kubernetes does it.
 */
export class WatchedFiles {
  /** The state of each file before it was read. */
  readonly #seen = new Map<string, string>();
  /** Counts the changes of `seen` by `read` and `add`. */
  #changes = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /**
   * Reads files, and records the state of each before that. If `read` turns out to have read unknown files, reads all again.
   * @param files returns the files that were read, whether `read` threw or not
   */
  async read<T>(read: () => T | Promise<T>, files: () => readonly string[]): Promise<T> {
    this.#record([...this.#seen.keys()]);
    for (;;) {
      try {
        const result = await read();
        if (!this.add(files())) return result;
      } catch (error) {
        if (!this.add(files())) throw error;
      }
    }
  }

  /** Records the state of files that are not known yet. @returns whether there were any */
  add(files: readonly string[]): boolean {
    const more = files.filter((file) => !this.#seen.has(file));
    this.#record(more);
    return more.length > 0;
  }

  /** Checks all files every `pollMs`, and calls `changed` if the state of one has changed. */
  watch(pollMs: number, changed: () => void): void {
    const poll = async (): Promise<void> => {
      if (await this.#haveChanged()) changed();
      this.watch(pollMs, changed);
    };
    if (!this.#closed) this.#timer = setTimeout(() => void poll(), pollMs).unref();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #record(files: readonly string[]): void {
    this.#changes++;
    for (const file of files) this.#seen.set(file, stateOf(statSync(file, { throwIfNoEntry: false })));
  }

  async #haveChanged(): Promise<boolean> {
    const changes = this.#changes;
    const now = await Promise.all([...this.#seen.keys()].map(async (file) => [file, await readState(file)] as const));
    // Outdated if files were read in the meantime.
    if (this.#closed || changes !== this.#changes) return false;
    const changed = now.filter(([file, state]) => this.#seen.get(file) !== state);
    for (const [file, state] of changed) this.#seen.set(file, state);
    return changed.length > 0;
  }
}

const readState = async (file: string): Promise<string> => stateOf(await stat(file).catch(() => undefined));

const stateOf = (found: Dated | undefined): string =>
  found === undefined ? '' : [found.ino, found.size, found.mtimeMs, found.ctimeMs].join(' ');
