import { api, messageOf } from '../api/api.js';
import type { Summary } from '../api/types.js';
import { Store } from '../state/store.js';
import { MOST_ENTRIES, withChanges, withPage } from './entry-list.js';

export interface JournalState {
  /** Newest first, the newest MOST_ENTRIES at most. */
  readonly entries: readonly Summary[];
  /** The number of entries on the platform. */
  readonly total: number;
  readonly loading: boolean;
  readonly problem?: string;
}

/** The first page is small, so that it shows quickly. */
const PAGE = { first: 200, next: 500 } as const;

/** Entries that arrive within this time are shown together. */
const FLUSH_MS = 50;

/** The journal in the console: the platform's entries, and those that arrive later. */
export class JournalFeed {
  readonly state = new Store<JournalState>({ entries: [], total: 0, loading: true });
  /** The latest that arrived together. */
  readonly arrived = new Store<readonly Summary[]>([]);
  /** Counts the loads: what the platform has found before may be gone. */
  readonly loads = new Store(0);
  #waiting: Summary[] = [];
  #timer: number | undefined;
  /** Entries that arrived while the first page loads. */
  #sinceAsked: Summary[] | undefined;
  #load = new AbortController();

  /** Takes a new or changed entry. */
  take(entry: Summary): void {
    this.#waiting.push(entry);
    this.#timer ??= window.setTimeout(() => this.#flush(), FLUSH_MS);
  }

  /** Loads the journal: at the start, and after a lost connection. */
  async load(): Promise<void> {
    this.#load.abort();
    this.loads.update((count) => count + 1);
    this.#load = new AbortController();
    const { signal } = this.#load;
    this.#sinceAsked = [];
    try {
      const first = await api.journal({ limit: PAGE.first }, signal);
      const entries = withPage(withChanges([], this.#sinceAsked ?? []), first.entries);
      this.#sinceAsked = undefined;
      this.state.set({ entries, total: Math.max(first.total, entries.length), loading: true });
      await this.#loadOlder(first.entries, signal);
      this.state.update((state) => ({ ...state, loading: false }));
    } catch (error) {
      if (!signal.aborted) this.state.update((state) => ({ ...state, loading: false, problem: messageOf(error) }));
    }
  }

  /** @throws ApiError, or an AbortError */
  async clear(): Promise<void> {
    await api.clearJournal();
    this.#load.abort();
    this.#waiting = [];
    this.state.set({ entries: [], total: 0, loading: false });
    this.loads.update((count) => count + 1);
  }

  async #loadOlder(newer: readonly Summary[], signal: AbortSignal): Promise<void> {
    for (let page = newer; page.length > 0 && this.state.value.entries.length < MOST_ENTRIES; ) {
      const before = Math.min(...page.map(({ id }) => id));
      page = (await api.journal({ limit: PAGE.next, before }, signal)).entries.filter(({ id }) => id < before);
      const older = page;
      this.state.update((state) => ({ ...state, entries: withPage(state.entries, older) }));
    }
  }

  #flush(): void {
    this.#timer = undefined;
    const changes = this.#waiting;
    this.#waiting = [];
    this.#sinceAsked?.push(...changes);
    this.state.update((state) => {
      const newest = state.entries[0]?.id ?? 0;
      const added = new Set(changes.filter(({ id }) => id > newest).map(({ id }) => id)).size;
      return { ...state, entries: withChanges(state.entries, changes), total: state.total + added };
    });
    this.arrived.set(changes);
  }
}
