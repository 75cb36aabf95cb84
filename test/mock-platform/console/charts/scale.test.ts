import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Bucket } from '../../../../mock-platform/console/api/types.js';
import {
  bucketText,
  linear,
  linePath,
  logarithmic,
  powers,
  stack,
  ticks,
  totals,
  wholeSpan,
} from '../../../../mock-platform/console/charts/scale.js';

const bucket = (change: Partial<Bucket>): Bucket => ({
  ...{ at: 0, count: 0, responses: 0, faults: 0, lost: 0, none: 0, p50Ms: null, p95Ms: null, maxMs: null },
  ...change,
});

describe('the ticks of an axis', () => {
  it.each([
    [0, [0, 1]],
    [1, [0, 1]],
    [3, [0, 1, 2, 3]],
    [61, [0, 20, 40, 60, 80]],
    [1000, [0, 500, 1000]],
  ])('reach %i in round numbers', (most, expected) => expect(ticks(most, 4, true)).toEqual(expected));

  it('reach the maximum, and are few', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), fc.boolean(), (most, whole) => {
        const made = ticks(most, 4, whole);
        expect(made.at(-1)).toBeGreaterThanOrEqual(most * 0.998);
        expect(made.length).toBeLessThanOrEqual(7);
        expect(made.length).toBeGreaterThan(1);
      }),
    );
  });

  it('are powers of ten on a logarithmic axis', () => {
    expect(powers([0.4, 5000])).toEqual([0.1, 1, 10, 100, 1000, 10_000]);
    expect(powers([1])).toEqual([1, 10]);
    expect(powers([0])).toEqual([1, 10, 100]);
    const axis = [1, 10, 100];
    expect([1, 10, 100, 0, 0.1].map((value) => logarithmic(value, axis))).toEqual([0, 0.5, 1, 0, 0]);
  });
});

describe('buckets', () => {
  it('fill the whole span, even without requests', () => {
    const known = bucket({ at: 20_000, count: 3 });
    const all = wholeSpan([known], 5000, 20_000, 31_000);
    expect(all.map(({ at }) => at)).toEqual([15_000, 20_000, 25_000, 30_000]);
    expect(all[1]).toBe(known);
    expect(all[0]).toEqual(bucket({ at: 15_000 }));
  });

  it('end with the last one if clocks differ', () => {
    expect(wholeSpan([bucket({ at: 40_000 })], 5000, 10_000, 31_000).map(({ at }) => at)).toEqual([35_000, 40_000]);
  });

  it('are stacked by outcome', () => {
    const one = bucket({ count: 6, responses: 3, lost: 1 });
    expect(stack(one)).toEqual([
      { series: 'responses', from: 0, to: 3 },
      { series: 'lost', from: 3, to: 4 },
      { series: 'other', from: 4, to: 6 },
    ]);
    expect(totals([one, bucket({ count: 1, faults: 1 })])).toEqual({
      count: 7,
      responses: 3,
      faults: 1,
      lost: 1,
      other: 2,
    });
  });
});

describe('a line', () => {
  it('has gaps without values', () => {
    expect(linePath([{ x: 0, y: 1 }, { x: 1, y: 2 }, null, { x: 3, y: 4 }])).toBe('M0.0,1.0 L1.0,2.0 M3.0,4.0');
    expect(linePath([null])).toBe('');
  });
});

describe('the edges of an axis', () => {
  it.each([
    [0, false, [0, 0.005]],
    [0.01, false, [0, 0.005, 0.01]],
    [2, true, [0, 1, 2]],
    [4, true, [0, 1, 2, 3, 4]],
    [4.002, false, [0, 1, 2, 3, 4]],
    [5, true, [0, 2, 4, 6]],
    [20, true, [0, 5, 10, 15, 20]],
    [40, true, [0, 10, 20, 30, 40]],
  ])('%d: few round steps, and none for slightly more', (most, whole, expected) => {
    const made = ticks(most, 4, whole);
    expect(made.slice(0, expected.length)).toEqual(expected);
    expect(made.at(-1)).toBeGreaterThanOrEqual(most * 0.998);
  });

  it('positions values between the ticks', () => {
    expect([0, 5, 10].map((value) => linear(value, [0, 5, 10]))).toEqual([0, 0.5, 1]);
    expect(linear(3, [])).toBe(3);
    expect(logarithmic(10, [])).toBe(1);
    expect(powers([])).toEqual([1, 10, 100]);
    expect(powers([-5, 20, 300])).toEqual([10, 100, 1000]);
  });
});

describe('a value on a logarithmic axis', () => {
  it('is at the bottom if it is 0 or less, and above it otherwise', () => {
    expect([-1, 0, 1, 100, 1000].map((value) => logarithmic(value, [10, 100, 1000]))).toEqual([0, 0, 0, 0.5, 1]);
    expect(logarithmic(0.01, [0.001, 0.01, 0.1])).toBeCloseTo(0.5);
    expect(logarithmic(10, [1])).toBe(Number.POSITIVE_INFINITY);
    expect(linear(3, [0, 6])).toBe(0.5);
  });
});

describe('the text of a bar', () => {
  const at = new Date(2026, 2, 1, 4, 3, 7, 42).getTime();
  it('has its time, counts and latency', () => {
    const one = bucket({ at, count: 7, responses: 3, faults: 1, lost: 1, p50Ms: 2, p95Ms: 1500 });
    expect(bucketText(one)).toBe(
      '04:03:07 · responses 3 · faults 1 · lost 1 · without reply 2 · p50 2.00 ms · p95 1.50 s',
    );
    expect(bucketText(bucket({ at }))).toBe('04:03:07 · no requests');
  });
});
