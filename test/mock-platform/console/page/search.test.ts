import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Summary } from '../../../../mock-platform/console/api/types.js';
import { JournalFeed } from '../../../../mock-platform/console/journal/feed.js';
import { JournalSearch } from '../../../../mock-platform/console/journal/search.js';
import { parseFilter } from '../../../../mock-platform/filter/index.js';
import { summary } from '../summary.js';
import { FakePage, settled } from './fake-page.js';

let page: FakePage;
let feed: JournalFeed;
let search: JournalSearch;

const begin = (filter: string): void => {
  search = new JournalSearch(feed, filter, parseFilter(filter));
};

const arrive = (...entries: Summary[]): Promise<void> => {
  feed.arrived.set(entries);
  return settled();
};

const ids = () => search.state.value.found?.entries.map(({ id }) => id);
const total = () => search.state.value.found?.total;

/** The query of the last request. */
const asked = (): Record<string, string> =>
  Object.fromEntries(new URL(page.last.path, 'http://localhost').searchParams);

beforeEach(() => {
  page = new FakePage();
  feed = new JournalFeed();
  feed.state.set({ entries: [summary({ id: 9 }), summary({ id: 8 })], total: 9, loading: false });
});

describe('a search of the journal', () => {
  it('shows what the list has at once, and reads the rest', async () => {
    begin('a b');
    expect(search.state.value).toEqual({});
    expect(asked()).toEqual({ filter: 'a b', limit: '10000', offset: String(new Date().getTimezoneOffset()) });
    await page.last.answer({ total: 3, ids: [9, 5, 2] });
    expect([ids(), total()]).toEqual([[9], 3]);
    expect(asked()).toEqual({ ids: '5,2', limit: '500' });
    await page.last.answer({ total: 2, entries: [summary({ id: 5 }), summary({ id: 2 })] });
    expect([ids(), total()]).toEqual([[9, 5, 2], 3]);
    expect(page.asked).toHaveLength(2);
  });

  it('reads 500 at a time', async () => {
    begin('a');
    await page.last.answer({ total: 501, ids: Array.from({ length: 501 }, (_, index) => 1000 - index) });
    expect(asked().ids?.split(',')).toHaveLength(500);
    await page.last.answer({ total: 1, entries: [summary({ id: 600 })] });
    expect(asked().ids).toBe('500');
  });

  it('asks the platform about what arrives, and forgets what matches no more', async () => {
    begin('text');
    await page.last.answer({ total: 1, ids: [9] });
    await arrive(summary({ id: 9, outcome: 'lost' }), summary({ id: 10 }), summary({ id: 11 }));
    expect(asked()).toMatchObject({ filter: 'text', ids: '9,10,11' });
    await page.last.answer({ total: 1, ids: [11] });
    expect([ids(), total()]).toEqual([[11], 1]);
  });

  it('decides itself where it can', async () => {
    begin('outcome:pending');
    await page.last.answer({ total: 1, ids: [9] });
    await arrive(summary({ id: 9, outcome: 'fault' }), summary({ id: 10, outcome: 'pending' }));
    expect([ids(), total(), page.asked.length]).toEqual([[10], 1, 1]);
  });

  it('asks one question at a time, about the latest of each', async () => {
    begin('text');
    await arrive(summary({ id: 10, outcome: 'pending' }));
    expect(page.asked).toHaveLength(1);
    await page.last.answer({ total: 0, ids: [] });
    expect(asked().ids).toBe('10');
    const [, first] = page.asked;
    await arrive(summary({ id: 10, outcome: 'lost' }), summary({ id: 11 }));
    expect(page.asked).toHaveLength(2);
    await first?.answer({ total: 1, ids: [10] });
    expect(asked().ids).toBe('10,11');
    await page.last.answer({ total: 1, ids: [10] });
    expect(search.state.value.found?.entries).toMatchObject([{ id: 10, outcome: 'lost' }]);
  });

  it('says why it failed, and goes on', async () => {
    begin('text');
    await page.last.answer({ error: 'too long' }, 400);
    expect(search.state.value).toEqual({ problem: 'too long' });
    await arrive(summary({ id: 10 }));
    await page.last.answer({ total: 1, ids: [10] });
    expect(search.state.value).toMatchObject({ found: { total: 1 } });
  });

  it('stops', async () => {
    begin('text');
    const { signal } = page.last;
    search.stop();
    expect(signal?.aborted).toBe(true);
    await arrive(summary({ id: 10 }));
    expect([page.asked.length, search.state.value]).toEqual([1, {}]);
  });
});

it('is told what arrives, and when the journal is loaded or cleared', async () => {
  feed.take(summary({ id: 10 }));
  await page.ring();
  expect(feed.arrived.value).toMatchObject([{ id: 10 }]);
  const cleared = feed.clear();
  await page.last.answer('', 204);
  await cleared;
  void feed.load();
  expect(feed.loads.value).toBe(2);
});
