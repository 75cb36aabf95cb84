import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Charts } from '../../../mock-platform/charts/charts.js';
import type { JournalEntry } from '../../../mock-platform/journal/index.js';

const MINUTE = 60_000;
const entry = (outcome: JournalEntry['outcome'], durationMs?: number) => ({ outcome, durationMs }) as JournalEntry;
const changed = (one: JournalEntry) => ({ kind: 'changed', entry: one }) as const;

describe('the charts', () => {
  it('count each exchange once, when it ends', () => {
    let now = 20 * MINUTE;
    const charts = new Charts(() => now);
    const slow = entry('pending');
    charts.take({ kind: 'new', entry: slow });
    charts.take(changed(entry('response', 5)));
    charts.take(changed(entry('lost')));
    now += 5000;
    const ended = Object.assign(slow, { outcome: 'fault', durationMs: 5000 });
    for (let again = 0; again < 3; again++) charts.take(changed(ended));
    charts.take({ kind: 'new', entry: entry('none') });
    const about = (ms: number) => expect.closeTo(ms, -Math.log10(ms / 30));
    const nothing = { count: 0, responses: 0, faults: 0, lost: 0, none: 0, p50Ms: null, p95Ms: null, maxMs: null };
    expect(charts.buckets().slice(-3)).toEqual([
      { ...nothing, at: now - 10_000 },
      { ...nothing, at: now - 5000, count: 2, responses: 1, lost: 1, p50Ms: about(5), p95Ms: about(5), maxMs: 5 },
      { ...nothing, at: now, count: 2, faults: 1, none: 1, p50Ms: about(5000), p95Ms: about(5000), maxMs: 5000 },
    ]);
  });

  it('drop data older than 15 minutes', () => {
    let now = 20 * MINUTE;
    const charts = new Charts(() => now);
    charts.take(changed(entry('response', 1)));
    now += 15 * MINUTE - 5000;
    expect(charts.buckets()).toHaveLength(180);
    expect(charts.buckets()[0]).toMatchObject({ at: 20 * MINUTE, count: 1 });
    now += 5000;
    charts.take(changed(entry('response', 1)));
    expect(
      charts
        .buckets()
        .map(({ count }) => count)
        .filter((count) => count > 0),
    ).toEqual([1]);
    charts.clear();
    expect(charts.buckets().every(({ count }) => count === 0)).toBe(true);
  });
});

describe('the durations of a bucket', () => {
  const durationsOf = (all: readonly number[]) => {
    const charts = new Charts(() => 20 * MINUTE);
    for (const ms of all) charts.take(changed(entry('response', ms)));
    const { p50Ms, p95Ms, maxMs } = charts.buckets().at(-1) ?? {};
    return { p50Ms, p95Ms, maxMs };
  };

  it('are accurate to about 1 %, and the longest is exact', () => {
    const ms = fc.double({ min: 0.2, max: 900_000, noNaN: true });
    fc.assert(
      fc.property(fc.array(ms, { minLength: 1, maxLength: 200 }), (all) => {
        const sorted = all.toSorted((a, b) => a - b);
        const exact = (share: number): number => sorted[Math.ceil(share * all.length) - 1] ?? 0;
        const { p50Ms, p95Ms, maxMs } = durationsOf(all);
        expect(Math.abs((p50Ms ?? 0) / exact(0.5) - 1)).toBeLessThan(0.013);
        expect(Math.abs((p95Ms ?? 0) / exact(0.95) - 1)).toBeLessThan(0.013);
        expect(maxMs).toBe(sorted.at(-1));
      }),
    );
  });

  it.each([0, 0.001, 5_000_000, Number.MIN_VALUE])('may be %d ms', (ms) => {
    const { p50Ms, maxMs } = durationsOf([ms]);
    expect(maxMs).toBe(ms);
    expect(p50Ms).toBeLessThanOrEqual(ms);
  });
});
