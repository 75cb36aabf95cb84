import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Summary } from '../../../../mock-platform/console/api/types.js';
import {
  addedOnTop,
  failedFrom,
  figuresOf,
  indexOfId,
  withChanges,
  withPage,
} from '../../../../mock-platform/console/journal/entry-list.js';
import { summary } from '../summary.js';

const entries = (...ids: number[]): Summary[] => ids.map((id) => summary({ id }));
const ids = (all: readonly Summary[]): number[] => all.map(({ id }) => id);

describe('the entries that the console keeps', () => {
  it('adds new ones on top, newest first', () => {
    expect(ids(withChanges(entries(3, 2, 1), entries(4, 6, 5)))).toEqual([6, 5, 4, 3, 2, 1]);
  });

  it('replaces a changed one', () => {
    const changed = withChanges(entries(3, 2, 1), [summary({ id: 2, outcome: 'fault' })]);
    expect(ids(changed)).toEqual([3, 2, 1]);
    expect(changed[1]?.outcome).toBe('fault');
  });

  it('uses the last of several changes of one entry', () => {
    const changes = [summary({ id: 1, outcome: 'pending' }), summary({ id: 1, outcome: 'response' })];
    expect(withChanges([], changes)).toEqual([changes[1]]);
  });

  it('keeps known entries unchanged when an older page arrives', () => {
    const known = [summary({ id: 5, outcome: 'fault' }), ...entries(4)];
    const page = withPage(known, entries(5, 4, 3, 2));
    expect(ids(page)).toEqual([5, 4, 3, 2]);
    expect(page[0]?.outcome).toBe('fault');
  });

  it('drops the oldest if there are too many', () => {
    expect(ids(withChanges(entries(3, 2, 1), entries(5, 4), 4))).toEqual([5, 4, 3, 2]);
  });

  it('returns the same list without changes', () => {
    const known = entries(2, 1);
    expect(withChanges(known, [])).toBe(known);
    expect(withPage(known, entries(2))).toBe(known);
  });

  it('is ordered and without duplicates, whatever arrives', () => {
    const some = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 20 });
    fc.assert(
      fc.property(some, some, some, (first, second, third) => {
        const all = withPage(withChanges(withChanges([], entries(...first)), entries(...second)), entries(...third));
        const expected = [...new Set([...first, ...second, ...third])].sort((a, b) => b - a);
        expect(ids(all)).toEqual(expected);
        for (const id of expected) expect(indexOfId(all, id)).toBe(expected.indexOf(id));
        expect(indexOfId(all, 41)).toBe(-1);
      }),
    );
  });
});

describe('the number of entries added above', () => {
  it.each([
    [[3, 2, 1], [5, 4, 3, 2, 1], 2],
    [[3, 2, 1], [3, 2, 1], 0],
    [[], [2, 1], 0],
    [[3, 2], [9, 8], 0],
  ])('%j -> %j: %i', (before, after, count) => {
    expect(addedOnTop(entries(...before), entries(...after))).toBe(count);
  });
});

describe('the figures below the list', () => {
  it('count requests, faults and lost ones, with percentiles by nearest rank', () => {
    const all = Array.from({ length: 100 }, (_, index) => summary({ id: index + 1, durationMs: 100 - index }));
    const more = [summary({ outcome: 'fault', durationMs: null }), summary({ outcome: 'lost', durationMs: null })];
    expect(figuresOf([...all, ...more])).toEqual({ requests: 102, faults: 1, lost: 1, p50: 50, p95: 95 });
  });

  it('have no percentiles without answers', () => {
    expect(figuresOf([summary({ durationMs: null })])).toMatchObject({ p50: undefined, p95: undefined });
  });
});

describe('the edges of the list', () => {
  it('keeps exactly the limit, and returns the same list below it', () => {
    expect(ids(withChanges(entries(2, 1), entries(4, 3), 4))).toEqual([4, 3, 2, 1]);
    expect(ids(withChanges(entries(2, 1), entries(4, 3), 3))).toEqual([4, 3, 2]);
    expect(ids(withPage(entries(4), entries(3, 2, 1), 3))).toEqual([4, 3, 2]);
  });

  it('finds nothing for no id', () => {
    expect([indexOfId(entries(2, 1), undefined), indexOfId([], 1), indexOfId(entries(2, 1), 0)]).toEqual([-1, -1, -1]);
  });
});

it('the entries that failed are found in both directions', () => {
  const outcomes = ['response', 'fault', 'pending', 'response', 'lost'] as const;
  const entries = outcomes.map((outcome, index) => summary({ id: 9 - index, outcome }));
  const found = (at: number, by: -1 | 1) => failedFrom(entries, at, by)?.outcome;
  expect([found(-1, 1), found(1, 1), found(4, 1)]).toEqual(['fault', 'lost', undefined]);
  expect([found(4, -1), found(1, -1), found(-1, -1)]).toEqual(['fault', undefined, undefined]);
});
