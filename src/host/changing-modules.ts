import { importAnew } from './import-anew.js';
import { Contents } from './made-of.js';
import { isTypeScript } from './plugin-entry.js';
import { importTypeScript } from './typescript.js';
import { within } from './within.js';

interface Loaded {
  readonly contents: Contents;
  readonly module: unknown;
}

/**
 * The modules of plugins while these are written: each is loaded anew when a file of it has changed, and is the same as
 * long as none has. A module that was loaded once stays in memory, as ES modules do.
 */
export class ChangingModules {
  /** Those that could be loaded, by their entries. */
  readonly #loaded = new Map<string, Loaded>();
  /** What each entry was made of the last time that it was tried. */
  readonly #tried = new Map<string, Contents>();
  readonly #places = new Set<string>();

  /** @param importMs how long a module may take, in ms: one that awaits forever would hold up all that come after it */
  constructor(private readonly importMs = 10_000) {}

  /** The files that modules were made of, and where one was looked for: what happens there may change them. */
  get places(): readonly string[] {
    return [...this.#places];
  }

  /** It was looked there for the entry of a plugin. */
  looked(places: readonly string[]): void {
    for (const place of places) this.#places.add(place);
  }

  /** @throws what the module throws, or the BuildFailure of esbuild */
  async import(entry: string): Promise<unknown> {
    const known = this.#loaded.get(entry);
    if (known?.contents.isUnchanged === true) return known.module;
    const contents = new Contents();
    const stale = [known?.contents, this.#tried.get(entry)].flatMap((before) => before?.files ?? []);
    this.#tried.set(entry, contents);
    try {
      const load = isTypeScript(entry) ? importTypeScript(entry, contents) : importAnew(entry, contents, stale);
      const module = await within(this.importMs, load);
      this.#loaded.set(entry, { contents, module });
      return module;
    } finally {
      this.looked(contents.places);
    }
  }
}
