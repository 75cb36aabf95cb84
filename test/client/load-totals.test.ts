import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { countOne, Latencies, LoadTotals } from '../../src/client/load-totals.js';

const latenciesOf = (values: readonly number[]): Latencies => {
  const latencies = new Latencies();
  for (const value of values) latencies.record(value);
  return latencies;
};

/** Up to a minute, of any order of magnitude. */
const microseconds = fc
  .tuple(fc.integer({ min: 0, max: 25 }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([power, part]) => Math.floor(2 ** (power + part)));

describe('latencies', () => {
  it('have percentiles within 1/128, and exact maximum and mean', () => {
    fc.assert(
      fc.property(
        fc.array(microseconds, { minLength: 1, maxLength: 200 }),
        fc.constantFrom(0.001, 0.5, 0.9, 0.99, 1),
        (values, share) => {
          const latencies = latenciesOf(values);
          const sorted = [...values].sort((a, b) => a - b);
          const exact = sorted[Math.ceil(values.length * share) - 1] ?? 0;
          const found = latencies.percentileUs(share);
          expect(found).toBeGreaterThanOrEqual(exact);
          expect(found).toBeLessThanOrEqual(exact + exact / 128 + 1);
          expect(latencies.longestUs).toBe(sorted.at(-1));
          expect(latencies.meanUs).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / values.length, 3);
        },
      ),
    );
  });

  it('count those up to a time', () => {
    const latencies = latenciesOf([1, 5, 5, 100, 2000]);
    expect([0, 1, 4, 5, 99, 100, 1900, 3000].map((us) => latencies.countUpTo(us))).toEqual([0, 1, 1, 3, 3, 4, 4, 5]);
  });

  it('are known to their bucket, of 1 us below 128 us and of 4 us about 1,000 us', () => {
    const latencies = latenciesOf([127, 128, 1000, 1_000_000]);
    expect([0.25, 0.5, 0.75, 1].map((share) => latencies.percentileUs(share))).toEqual([127, 128, 1003, 1_000_000]);
    expect([999, 1002, 1003].map((us) => latencies.countUpTo(us))).toEqual([2, 2, 3]);
  });

  it('of many minutes are kept as the longest', () => {
    const latencies = latenciesOf([1e12, -5]);
    expect(latencies.longestUs).toBe(2 ** 27 - 1);
    expect(latencies.percentileUs(1)).toBe(2 ** 27 - 1);
    expect(latencies.percentileUs(0.5)).toBe(0);
  });

  it('of nothing are 0, also after they were cleared', () => {
    const latencies = latenciesOf([5, 700_000]);
    latencies.clear();
    for (const none of [latencies, new Latencies()]) {
      expect([none.count, none.meanUs, none.longestUs, none.percentileUs(0.99), none.countUpTo(1e9)]).toEqual([
        0, 0, 0, 0, 0,
      ]);
    }
  });
});

it('totals are all 0 after they were cleared', () => {
  const totals = new LoadTotals();
  totals.responses = 1;
  totals.timeouts = 2;
  totals.lost = 3;
  totals.unmatched = 4;
  countOne(totals.faults, '900');
  countOne(totals.connectionErrors, 'lost');
  totals.latencies.record(7);
  totals.clear();
  expect(totals).toEqual(new LoadTotals());
  expect([totals.answered, totals.faulted, totals.unanswered, totals.latencies.longestUs]).toEqual([0, 0, 0, 0]);
});
