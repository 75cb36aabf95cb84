import { type LiveState, listen } from '../api/events.js';
import type { Changed } from '../api/types.js';
import { JournalFeed } from '../journal/feed.js';
import { Store } from './store.js';

/** The state shared by all views: the journal, and a change counter for everything else. */
export const journal = new JournalFeed();
export const live = new Store<LiveState>('connecting');
export const changes = new Store<Readonly<Record<Changed, number>>>({
  faults: 0,
  stubs: 0,
  files: 0,
  notices: 0,
  configuration: 0,
  journal: 0,
  reload: 0,
});

const touch = (...all: readonly Changed[]): void =>
  changes.update((counts) => ({
    ...counts,
    ...Object.fromEntries(all.map((what) => [what, (counts[what] ?? 0) + 1])),
  }));

/** Makes the views that show it load it again. */
export function changed(what: Changed): void {
  touch(what);
  if (what === 'journal') void journal.load();
}

/** Follows the platform's events, and loads what was missed before or between connections. */
export function follow(): void {
  void journal.load();
  listen({
    journal: (entry) => journal.take(entry),
    changed,
    state(state) {
      const before = live.value;
      live.set(state);
      if (state !== 'live') return;
      void journal.load();
      if (before === 'lost') touch('faults', 'stubs', 'files', 'notices', 'configuration');
    },
  });
}
