import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  MOST_ROWS,
  rowAfterKey,
  topAfterAdding,
  topToSee,
  windowOf,
} from '../../../../mock-platform/console/list/window.js';

const ROW = 26;

describe('the window of a list', () => {
  it('has the visible rows, and some around them', () => {
    expect(windowOf(10_000, ROW, 0, 520)).toEqual({ first: 0, end: 41 });
    const { first, end } = windowOf(10_000, ROW, 5000 * ROW, 520);
    expect(first).toBe(4990);
    expect(end).toBe(5031);
  });

  it('ends with the list', () => {
    expect(windowOf(10_000, ROW, 10_000 * ROW, 520)).toEqual({ first: 9959, end: 10_000 });
    expect(windowOf(3, ROW, 0, 520)).toEqual({ first: 0, end: 3 });
    expect(windowOf(0, ROW, 0, 520)).toEqual({ first: 0, end: 0 });
  });

  it('covers the visible rows, within the list and never with too many rows', () => {
    const counts = fc.nat(100_000);
    fc.assert(
      fc.property(counts, fc.nat(3_000_000), fc.nat(2400), (count, anyTop, height) => {
        const top = Math.min(anyTop, Math.max(0, count * ROW - height));
        const { first, end } = windowOf(count, ROW, top, height);
        expect(end - first).toBeLessThanOrEqual(MOST_ROWS);
        expect(first).toBeGreaterThanOrEqual(0);
        expect(end).toBeLessThanOrEqual(count);
        if (height > (MOST_ROWS - 1) * ROW) return;
        expect(first).toBeLessThanOrEqual(Math.floor(top / ROW));
        expect(end).toBeGreaterThanOrEqual(Math.min(count, Math.ceil((top + height) / ROW)));
      }),
    );
  });
});

describe('scrolling', () => {
  it('scrolls as little as needed to show a row', () => {
    expect(topToSee(10, ROW, 0, 520)).toBe(0);
    expect(topToSee(20, ROW, 0, 520)).toBe(21 * ROW - 520);
    expect(topToSee(3, ROW, 200, 520)).toBe(3 * ROW);
  });

  it('keeps rows in place while others come on top, and shows new ones at the top', () => {
    expect(topAfterAdding(0, 3, ROW)).toBe(0);
    expect(topAfterAdding(ROW - 1, 3, ROW)).toBe(0);
    expect(topAfterAdding(1000, 3, ROW)).toBe(1000 + 3 * ROW);
  });
});

describe('the keys of a list', () => {
  it.each([
    ['ArrowDown', 4, 5],
    ['j', 4, 5],
    ['ArrowUp', 4, 3],
    ['k', 0, 0],
    ['j', 9, 9],
    ['PageDown', 0, 4],
    ['PageUp', 9, 5],
    ['Home', 5, 0],
    ['End', -1, 9],
    ['j', -1, 0],
    ['ArrowUp', -1, 0],
  ])('%s from %i leads to %i', (key, from, to) => expect(rowAfterKey(key, from, 10, 4)).toBe(to));

  it('ignore other keys, and a list without rows', () => {
    expect(rowAfterKey('x', 0, 10, 4)).toBeUndefined();
    expect(rowAfterKey('j', -1, 0, 4)).toBeUndefined();
    expect(rowAfterKey('toString', 0, 10, 4)).toBeUndefined();
  });
});

describe('the first and the last row', () => {
  it('are visible at the edges of the list', () => {
    expect(windowOf(5, ROW, 0, 0)).toEqual({ first: 0, end: 5 });
    expect(windowOf(1, ROW, -5, 26)).toEqual({ first: 0, end: 1 });
    expect(windowOf(200, ROW, 0, 96 * ROW)).toEqual({ first: 0, end: MOST_ROWS });
    expect(topToSee(0, ROW, 0, 520)).toBe(0);
    expect(topAfterAdding(ROW, 1, ROW)).toBe(2 * ROW);
    expect(rowAfterKey('PageDown', 8, 10, 4)).toBe(9);
  });
});
