import type { Filter } from '../../filter/index.js';
import { api, messageOf } from '../api/api.js';
import type { Summary } from '../api/types.js';
import { Store } from '../state/store.js';
import { zoneOffset } from '../ui/format.js';
import { MOST_ENTRIES, withChanges, withPage } from './entry-list.js';
import type { JournalFeed } from './feed.js';

/** What the platform found. */
export interface Found {
  /** Newest first, the newest MOST_ENTRIES at most. */
  readonly entries: readonly Summary[];
  /** The number of all. */
  readonly total: number;
}

export interface SearchState {
  /** Undefined until the platform has answered. */
  readonly found?: Found;
  readonly problem?: string;
}

/** The platform reads this many entries, or checks as many, at a time. */
const PAGE = 500;

/** A filter over the whole journal of the platform, and over what arrives later. */
export class JournalSearch {
  readonly state = new Store<SearchState>({});
  readonly #waiting = new Map<number, Summary>();
  readonly #abort = new AbortController();
  readonly #unwatch: () => void;
  #busy = true;

  constructor(
    private readonly feed: JournalFeed,
    private readonly text: string,
    private readonly filter: Filter,
  ) {
    this.#unwatch = feed.arrived.watch(() => {
      for (const entry of feed.arrived.value) this.#waiting.set(entry.id, entry);
      if (!this.#busy) void this.#attempt(() => Promise.resolve());
    });
    void this.#attempt(() => this.#load());
  }

  stop(): void {
    this.#unwatch();
    this.#abort.abort();
  }

  /** Works, then decides on what has arrived meanwhile. */
  async #attempt(work: () => Promise<void>): Promise<void> {
    this.#busy = true;
    try {
      await work();
      while (this.#waiting.size > 0) await this.#decide();
    } catch (error) {
      if (!this.#abort.signal.aborted) this.state.update((state) => ({ ...state, problem: messageOf(error) }));
    } finally {
      this.#busy = false;
    }
  }

  async #load(): Promise<void> {
    const { signal } = this.#abort;
    const { ids, total } = await api.found(this.text, zoneOffset(), undefined, signal);
    const known = new Map(this.feed.state.value.entries.map((entry) => [entry.id, entry]));
    const entries = ids.flatMap((id) => known.get(id) ?? []);
    this.state.set({ found: { entries, total } });
    const missing = ids.filter((id) => !known.has(id));
    for (let at = 0; at < missing.length; at += PAGE) {
      const page = await api.journal({ ids: missing.slice(at, at + PAGE).join(), limit: PAGE }, signal);
      this.#change((found) => ({ ...found, entries: withPage(found.entries, page.entries) }));
    }
  }

  async #decide(): Promise<void> {
    const some = [...this.#waiting.values()].slice(0, PAGE);
    for (const { id } of some) this.#waiting.delete(id);
    const matching = await this.#matching(some);
    this.#change(({ entries, total }) => {
      const changed = new Set(some.map(({ id }) => id));
      const others = entries.filter(({ id }) => !changed.has(id));
      const before = entries.length - others.length;
      return { entries: withChanges(others, matching, MOST_ENTRIES), total: total + matching.length - before };
    });
  }

  async #matching(some: readonly Summary[]): Promise<readonly Summary[]> {
    if (!this.filter.needsWhole) return some.filter(this.filter.matches);
    const among = some.map(({ id }) => id);
    const ids = new Set((await api.found(this.text, zoneOffset(), among, this.#abort.signal)).ids);
    return some.filter(({ id }) => ids.has(id));
  }

  #change(change: (found: Found) => Found): void {
    if (this.#abort.signal.aborted) return;
    this.state.update(({ found = { entries: [], total: 0 } }) => ({ found: change(found) }));
  }
}
