import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Summary } from '../../../../mock-platform/console/api/types.js';
import { MOST_ENTRIES } from '../../../../mock-platform/console/journal/entry-list.js';
import { JournalFeed } from '../../../../mock-platform/console/journal/feed.js';
import { summary } from '../summary.js';
import { FakePage } from './fake-page.js';

let page: FakePage;
let feed: JournalFeed;
beforeEach(() => {
  page = new FakePage();
  feed = new JournalFeed();
});

const entries = (...ids: number[]): Summary[] => ids.map((id) => summary({ id }));
const pageOf = (total: number, ...ids: number[]) => ({ total, entries: entries(...ids) });
const ids = () => feed.state.value.entries.map(({ id }) => id);

describe('the journal feed', () => {
  it('loads from newest to oldest, with a small first page', async () => {
    expect(feed.state.value).toEqual({ entries: [], total: 0, loading: true });
    const loaded = feed.load();
    expect(page.last.path).toBe('api/journal?limit=200');
    await page.last.answer(pageOf(5, 5, 4));
    expect(feed.state.value).toMatchObject({ total: 5, loading: true });
    expect(ids()).toEqual([5, 4]);
    expect(page.last.path).toBe('api/journal?limit=500&before=4');
    await page.last.answer(pageOf(5, 3, 2));
    expect(page.last.path).toBe('api/journal?limit=500&before=2');
    await page.last.answer(pageOf(5));
    await loaded;
    expect(ids()).toEqual([5, 4, 3, 2]);
    expect(feed.state.value).toMatchObject({ total: 5, loading: false });
    expect(feed.state.value.problem).toBeUndefined();
  });

  it('ends at a page without older entries', async () => {
    const loaded = feed.load();
    await page.last.answer(pageOf(2, 2, 1));
    await page.last.answer(pageOf(2, 2, 1));
    await loaded;
    expect(page.asked).toHaveLength(2);
    expect(ids()).toEqual([2, 1]);
  });

  it('loads no more than it keeps', async () => {
    const loaded = feed.load();
    const all = Array.from({ length: MOST_ENTRIES }, (_, index) => MOST_ENTRIES + 10 - index);
    await page.last.answer(pageOf(MOST_ENTRIES + 10, ...all));
    await loaded;
    expect(page.asked).toHaveLength(1);
  });

  it('shows entries that arrive together at once, and counts new ones', async () => {
    const loaded = feed.load();
    await page.last.answer(pageOf(7, 3));
    await page.last.answer(pageOf(7));
    await loaded;
    feed.take(summary({ id: 4, outcome: 'pending' }));
    feed.take(summary({ id: 4, outcome: 'fault' }));
    feed.take(summary({ id: 5 }));
    feed.take(summary({ id: 3, outcome: 'lost' }));
    expect(ids()).toEqual([3]);
    expect(await page.ring()).toEqual([50]);
    expect(feed.state.value.entries.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual([
      '5 response',
      '4 fault',
      '3 lost',
    ]);
    expect(feed.state.value.total).toBe(9);
    feed.take(summary({ id: 6 }));
    expect(await page.ring()).toEqual([50]);
    expect(ids()).toEqual([6, 5, 4, 3]);
  });

  it('counts from an empty journal', async () => {
    feed.take(summary({ id: 1 }));
    await page.ring();
    expect(feed.state.value.total).toBe(1);
  });

  it('keeps entries that arrive while the first page loads', async () => {
    const loaded = feed.load();
    feed.take(summary({ id: 9, outcome: 'fault' }));
    await page.ring();
    await page.last.answer(pageOf(1, 9));
    await page.last.answer(pageOf(1));
    await loaded;
    expect(feed.state.value.entries).toMatchObject([{ id: 9, outcome: 'fault' }]);
  });

  it('drops its entries when it loads again, and aborts the previous load', async () => {
    const first = feed.load();
    feed.take(summary({ id: 9 }));
    await page.ring();
    const signal = page.last.signal;
    const second = feed.load();
    expect(signal?.aborted).toBe(true);
    await first;
    expect(feed.state.value.loading).toBe(true);
    expect(feed.state.value.problem).toBeUndefined();
    await page.last.answer(pageOf(1, 1));
    await page.last.answer(pageOf(1));
    await second;
    expect(ids()).toEqual([1]);
  });

  it('does not show entries again that arrived before a load', async () => {
    feed.take(summary({ id: 8 }));
    await page.ring();
    const loaded = feed.load();
    feed.take(summary({ id: 9 }));
    await page.ring();
    await page.last.answer(pageOf(1, 9));
    await page.last.answer(pageOf(1));
    await loaded;
    expect(ids()).toEqual([9]);
  });

  it('reports a failed load, and keeps its entries', async () => {
    feed.take(summary({ id: 1 }));
    await page.ring();
    const loaded = feed.load();
    await page.last.answer({ error: 'too many' }, 429);
    await loaded;
    expect(feed.state.value).toMatchObject({ loading: false, problem: 'too many', total: 1 });
  });

  it('is empty after clearing, including pending entries', async () => {
    const loaded = feed.load();
    const load = page.last;
    feed.take(summary({ id: 1 }));
    const cleared = feed.clear();
    expect(`${page.last.method} ${page.last.path}`).toBe('DELETE api/journal');
    expect(load.signal?.aborted).toBe(false);
    await page.last.answer('', 204);
    await cleared;
    await loaded;
    expect(load.signal?.aborted).toBe(true);
    await page.ring();
    expect(feed.state.value).toEqual({ entries: [], total: 0, loading: false });
  });
});
