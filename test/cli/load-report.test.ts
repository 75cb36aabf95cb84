import { describe, expect, it } from '@jest/globals';
import { loadJson, loadReport, progressLine } from '../../src/cli/load-report.js';
import type { Load } from '../../src/client/index.js';
import { LoadTotals } from '../../src/client/load-totals.js';

/** Totals with a request answered after each of these microseconds. */
function totalsOf(...us: number[]): LoadTotals {
  const totals = new LoadTotals();
  for (const one of us) totals.latencies.record(one);
  return totals;
}

const thousand = (us: number): number[] => Array<number>(1000).fill(us);

describe('the report of a load', () => {
  it('has a row per count, and no latencies without answers', () => {
    expect(loadReport(new LoadTotals(), 2)).toBe(
      [
        'requests/s                  0',
        'responses                   0',
        'faults                      0',
        'timeouts                    0',
        'lost with their connection  0',
        'replies to no request       0',
        'connection errors           0',
        '',
      ].join('\n'),
    );
  });

  it('lists faults by code and errors by reason, the most frequent first', () => {
    const totals = Object.assign(totalsOf(...thousand(1), ...thousand(1), ...thousand(1)), {
      responses: 1796,
      timeouts: 7,
      lost: 8,
      unmatched: 9,
    });
    totals.faults.set('', 1).set('904', 1200).set('920', 3);
    totals.connectionErrors.set('nothing listens there', 2);
    expect(loadReport(totals, 2).split('\n').slice(0, 7)).toEqual([
      'requests/s                  1,500',
      'responses                   1,796',
      'faults                      904: 1,200, 920: 3, no code: 1',
      'timeouts                    7',
      'lost with their connection  8',
      'replies to no request       9',
      'connection errors           nothing listens there: 2',
    ]);
  });

  it('can be JSON, with latencies in milliseconds', () => {
    const totals = totalsOf(1000);
    totals.faults.set('904', 2);
    expect(JSON.parse(loadJson(totals, 2))).toEqual({
      ...{ seconds: 2, requestsPerSecond: 0.5, responses: 0, faults: { 904: 2 } },
      ...{ timeouts: 0, lost: 0, unmatched: 0, connectionErrors: {} },
      latencyMs: expect.objectContaining({ mean: 1, p50: 1, 'p99.99': 1, longest: 1 }),
    });
    expect(JSON.parse(loadJson(totalsOf(), 2))).not.toHaveProperty('latencyMs');
  });

  it('shows latencies with three significant digits, and a histogram that adds up', () => {
    const lines = loadReport(totalsOf(1000, 1000, 1000, 64_000), 1).split('\n');
    expect(lines.slice(7, 11)).toEqual([
      '',
      'latency                     ms',
      'mean                        16.75',
      expect.stringMatching(/^50 % {24}1\.0\d\d$/),
    ]);
    expect(lines.slice(12, 17).map((line) => line.slice(28))).toEqual(['64.00', '64.00', '64.00', '64.00', '64.00']);
    const histogram = lines.slice(18, -1);
    expect(histogram.at(0)).toBe(`up to 2.000 ms ${' '.repeat(24)}3 ${'#'.repeat(40)}`);
    expect(histogram.at(-1)).toBe(`up to 64.00 ms ${' '.repeat(24)}1 ${'#'.repeat(14)}`);
    for (const line of histogram.slice(1, -1)) expect(line).toMatch(/^up to [\d.]+ ms +0$/);
  });

  it('rounds long times to a tenth of a millisecond', () => {
    expect(loadReport(totalsOf(123_456), 1)).toContain('\nmean                        123.5\n');
  });
});

describe('the progress of a load', () => {
  it.each([
    [0.4, 2, '0 of 10 s, 2,500 requests/s'],
    [2.5, 10, '3 of 10 s, 400 requests/s'],
    [10, 40, '10 of 10 s, 100 requests/s'],
    [12.5, 40, '13 of 10 s, 80 requests/s'],
  ])('after %f s of 10', (seconds, filled, text) => {
    const load = { seconds, totals: totalsOf(...thousand(1)) } as Load;
    expect(progressLine(load, 10)).toBe(`[${'='.repeat(filled).padEnd(40)}] ${text}`);
  });
});
