import type { Logger } from 'esp-host';
import { ConfigError, type LoadedFile, type Problem, WatchedFiles } from '#server';
import type { PlatformConfig } from '../configuration/index.js';
import { type HttpStubSet, loadHttpStubs, loadStubs, type StubSet } from '../stubs/index.js';
import type { Upstream } from '../upstreams/index.js';
import { httpStubsIn } from './actions.js';
import type { PlatformApplication } from './applications.js';

/** How often the files are checked, and how long an editor may take to write one. */
const POLL_MS = 250;
const SETTLE_MS = 50;

/** A stub file of platform.yaml. */
export interface StubFileInUse {
  readonly path: string;
  readonly kind: 'stubs' | 'http-stubs';
  /** The applications or upstreams that it stubs. */
  readonly owners: readonly string[];
  /** What is wrong with the file; its stubs stay as they were before. */
  readonly problems: readonly Problem[];
}

/** A stubbed application or upstream, and its file. */
interface Stubbed {
  readonly path: string;
  readonly owner: string;
  readonly stubs: { readonly esp: StubSet } | { readonly http: HttpStubSet };
}

/** The stub files of platform.yaml. Loads them again when they change. */
export class StubFiles {
  readonly #stubbed: readonly Stubbed[];
  readonly #problems = new Map<string, readonly Problem[]>();
  readonly #listeners = new Set<() => void>();
  readonly #watched = new WatchedFiles();
  readonly #logger: Logger;
  #settling: NodeJS.Timeout | undefined;

  constructor(stubbed: readonly Stubbed[], logger: Logger) {
    this.#stubbed = stubbed;
    this.#logger = logger;
    this.#watched.add(stubbed.map(({ path }) => path));
  }

  /** Each file once, those of applications first. */
  list(): StubFileInUse[] {
    const paths = [...new Set(this.#stubbed.map(({ path }) => path))];
    return paths.map((path) => {
      const users = this.#stubbed.filter((one) => one.path === path);
      const kind = users.some(({ stubs }) => 'esp' in stubs) ? 'stubs' : 'http-stubs';
      return { path, kind, owners: users.map(({ owner }) => owner), problems: this.#problems.get(path) ?? [] };
    });
  }

  /** Loads the files again; they have not changed since. A file with problems has no effect, and is logged. */
  async reload(): Promise<void> {
    await this.#watched.read(
      () => {
        for (const one of this.#stubbed) this.#load(one);
      },
      () => [],
    );
    for (const listener of this.#listeners) listener();
  }

  /** Reloads from now on when a file has changed. */
  watch(): void {
    this.#watched.watch(POLL_MS, () => {
      clearTimeout(this.#settling);
      this.#settling = setTimeout(() => void this.reload(), SETTLE_MS).unref();
    });
  }

  /** Calls `listener` after each reload. @returns a function that unsubscribes */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#watched.close();
    clearTimeout(this.#settling);
  }

  #load({ path, stubs }: Stubbed): void {
    try {
      if ('esp' in stubs) stubs.esp.load(loadStubs(path).config);
      else stubs.http.load(loadHttpStubs(path).config);
      this.#problems.delete(path);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const known = this.#problems.get(path);
      this.#problems.set(path, error.problems);
      if (JSON.stringify(known) === JSON.stringify(error.problems)) return;
      const [first] = error.message.split('\n');
      this.#logger.warn(`${first}; the previous stubs stay`, { problems: error.problems.length });
    }
  }
}

/** What the applications and upstreams of platform.yaml have from stub files. */
export function stubbedIn(
  world: LoadedFile<PlatformConfig>,
  applications: readonly PlatformApplication[],
  upstreams: readonly Upstream[],
): Stubbed[] {
  return [
    ...applications.flatMap((one) =>
      one.stubs === undefined ? [] : [{ path: one.file, owner: one.name, stubs: { esp: one.stubs } }],
    ),
    ...upstreams.flatMap((upstream) => {
      const path = world.config.upstreams[upstream.name]?.stubs;
      const stubs = httpStubsIn(upstream);
      return path === undefined || stubs === undefined ? [] : [{ path, owner: upstream.name, stubs: { http: stubs } }];
    }),
  ];
}
