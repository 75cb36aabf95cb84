import { afterEach, describe, expect, it } from '@jest/globals';
import {
  agoText,
  clockTime,
  countOf,
  durationText,
  fullTime,
  times,
  zoneOffset,
} from '../../../../mock-platform/console/ui/format.js';

afterEach(() => times.set('local'));

describe('times and durations', () => {
  it.each([
    [0.4239, '0.42 ms'],
    [17.4, '17 ms'],
    [1204, '1.20 s'],
    [90_000, '1 min'],
    [null, '–'],
    [undefined, '–'],
  ])('%s ms is %s', (ms, text) => expect(durationText(ms)).toBe(text));

  it.each([
    [-5, '0 s'],
    [59_400, '59 s'],
    [3_599_000, '59 min'],
    [86_399_000, '23 h'],
    [172_800_000, '2 d'],
  ])('%s ms ago is %s', (ms, text) => expect(agoText(ms)).toBe(text));

  it('are in local time', () => {
    const at = new Date(2026, 2, 1, 4, 3, 7, 42).getTime();
    expect(clockTime(at)).toBe('04:03:07.042');
    expect(fullTime(at)).toBe('2026-03-01 04:03:07.042');
  });

  it('are in UTC if the user wants', () => {
    times.set('utc');
    const at = Date.UTC(2026, 2, 1, 4, 3, 7, 42);
    expect(clockTime(at)).toBe('04:03:07.042');
    expect(fullTime(at)).toBe('2026-03-01 04:03:07.042');
    expect(zoneOffset()).toBe(0);
  });

  it.each([
    [8.64e15, '+275760-09-13 00:00:00.000'],
    [-8.64e15, '-271821-04-20 00:00:00.000'],
  ])('can be as far away as a Date: %d', (at, text) => {
    times.set('utc');
    expect(fullTime(at)).toBe(text);
    times.set('local');
    expect(fullTime(at)).toMatch(/ \d\d:\d\d:00\.000$/);
  });

  it('have the offset of their day', () => {
    const day = new Date(2026, 6, 1);
    expect(zoneOffset(day)).toBe(day.getTimezoneOffset());
  });

  it('are counted', () => {
    expect([countOf(1, 'rule'), countOf(0, 'rule'), countOf(12_000, 'entry', 'entries')]).toEqual([
      '1 rule',
      '0 rules',
      '12,000 entries',
    ]);
  });
});

describe('the edges of units', () => {
  it.each([
    [9.994, '9.99 ms'],
    [10, '10 ms'],
    [999, '999 ms'],
    [1000, '1.00 s'],
    [59_990, '59.99 s'],
    [60_000, '1 min'],
    [3_600_000, '1 h'],
    [86_400_000, '1 d'],
  ])('%d ms is %s', (ms, text) => expect(durationText(ms)).toBe(text));
});
