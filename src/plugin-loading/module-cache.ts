import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { withTimeout } from '../host/index.js';
import { type FileRecorder, importAnew, importTypeScript } from './import-module.js';
import { isTypeScript } from './plugin-entry.js';

/** The files of a module with a hash of each, and the folders in which its imports were searched for. */
class ModuleFiles implements FileRecorder {
  readonly #hashes = new Map<string, string>();
  readonly #folders = new Set<string>();

  file(path: string): void {
    // Hashed before Node reads it, so that a change in between is not missed.
    if (!this.#hashes.has(path)) this.#hashes.set(path, hashOf(path));
  }

  folder(path: string): void {
    this.#folders.add(path);
  }

  has(path: string): boolean {
    return this.#hashes.has(path);
  }

  get files(): readonly string[] {
    return [...this.#hashes.keys()];
  }

  get paths(): readonly string[] {
    return [...this.files, ...this.#folders];
  }

  get isUnchanged(): boolean {
    return [...this.#hashes].every(([path, hash]) => hash === hashOf(path));
  }
}

/** An empty text for a folder, or a file that does not exist. */
function hashOf(path: string): string {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex');
  } catch {
    return '';
  }
}

/** Imports an entry again. `files` records what the import reads; `stale` are the files of earlier imports. */
type Load = (entry: string, files: FileRecorder, stale: readonly string[]) => Promise<unknown>;

const loadAnew: Load = (entry, files, stale) =>
  isTypeScript(entry) ? importTypeScript(entry, files) : importAnew(entry, files, stale);

interface CachedModule {
  readonly files: ModuleFiles;
  readonly module: unknown;
}

/**
 * Caches the modules of plugins under development: imports a module again when one of its files has changed, and returns
 * the cached one otherwise. Earlier versions stay in memory, as Node never unloads an ES module.
 */
export class ModuleCache {
  readonly #loaded = new Map<string, CachedModule>();
  /** The files of each entry's last import, successful or not. */
  readonly #attempts = new Map<string, ModuleFiles>();
  readonly #watched = new Set<string>();

  /** @param importMs timeout of an import in ms: a module with an endless top-level await must not block the others */
  constructor(
    private readonly importMs = 10_000,
    private readonly load: Load = loadAnew,
  ) {}

  /** Files and folders that can change a module. */
  get watchedPaths(): readonly string[] {
    return [...this.#watched];
  }

  watch(paths: readonly string[]): void {
    for (const path of paths) this.#watched.add(path);
  }

  /** @throws TimeoutError, esbuild's BuildFailure, or what the module throws */
  async import(entry: string): Promise<unknown> {
    const cached = this.#loaded.get(entry);
    if (cached?.files.isUnchanged === true) return cached.module;
    const files = new ModuleFiles();
    const stale = [cached?.files, this.#attempts.get(entry)].flatMap((before) => before?.files ?? []);
    this.#attempts.set(entry, files);
    try {
      const module = await withTimeout(this.load(entry, files, stale), this.importMs);
      this.#loaded.set(entry, { files, module });
      return module;
    } finally {
      this.watch(files.paths);
    }
  }
}
