import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** What a module was made of, as it is loaded. */
export interface MadeOf {
  /** This file is about to be read. */
  file(path: string): void;
  /** Something was looked for in this folder, which may not be there. */
  folder(path: string): void;
}

/** The files of a module with what was in them, and where else it was looked for others. */
export class Contents implements MadeOf {
  readonly #files = new Map<string, string>();
  readonly #folders = new Set<string>();

  file(path: string): void {
    // What was in it before it is read: a change in between counts as one.
    if (!this.#files.has(path)) this.#files.set(path, hashOf(path));
  }

  folder(path: string): void {
    this.#folders.add(path);
  }

  has(path: string): boolean {
    return this.#files.has(path);
  }

  get files(): readonly string[] {
    return [...this.#files.keys()];
  }

  /** The files, and the folders. */
  get places(): readonly string[] {
    return [...this.files, ...this.#folders];
  }

  /** Whether every file still holds what it did. */
  get isUnchanged(): boolean {
    return [...this.#files].every(([path, hash]) => hash === hashOf(path));
  }
}

/** Of a file that is not there, or is a folder: an empty text. */
function hashOf(path: string): string {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex');
  } catch {
    return '';
  }
}
