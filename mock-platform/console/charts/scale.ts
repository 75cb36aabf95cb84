import type { Bucket } from '../api/types.js';
import { clockTime, durationText } from '../ui/format.js';

/** About `count` round numbers from 0 to at least `most`; integers if `whole`. */
export function ticks(most: number, count: number, whole = false): readonly number[] {
  const rough = Math.max(most, whole ? 1 : 0.01) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const nice = ([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) ?? 10) * power;
  const step = whole ? Math.max(1, Math.round(nice)) : nice;
  const steps = Math.max(1, Math.ceil((most / step) * 0.999));
  return Array.from({ length: steps + 1 }, (_, index) => Number((index * step).toPrecision(6)));
}

/** At least two powers of ten around all `values`: the ticks of a logarithmic axis. */
export function powers(values: readonly number[]): readonly number[] {
  const positive = values.filter((value) => value > 0);
  const first = positive.length === 0 ? 0 : Math.floor(Math.log10(Math.min(...positive)));
  const last = positive.length === 0 ? 2 : Math.max(first + 1, Math.ceil(Math.log10(Math.max(...positive))));
  return Array.from({ length: last - first + 1 }, (_, index) => Number(`1e${first + index}`));
}

/** The position of a value between the first and the last tick, from 0 to 1. */
export function linear(value: number, ticks: readonly number[]): number {
  return value / (ticks.at(-1) ?? 1);
}

export function logarithmic(value: number, ticks: readonly number[]): number {
  const [first, last] = [Math.log10(ticks[0] ?? 1), Math.log10(ticks.at(-1) ?? 10)];
  return value <= 0 ? 0 : Math.max(0, (Math.log10(value) - first) / (last - first));
}

/** A bucket for each `bucketMs` of the last `spanMs` before `end`; empty ones fill the gaps. */
export function wholeSpan(
  buckets: readonly Bucket[],
  bucketMs: number,
  spanMs: number,
  end: number,
): readonly Bucket[] {
  const known = new Map(buckets.map((bucket) => [Math.floor(bucket.at / bucketMs), bucket]));
  const last = Math.floor(Math.max(end, buckets.at(-1)?.at ?? 0) / bucketMs);
  const count = Math.ceil(spanMs / bucketMs);
  return Array.from({ length: count }, (_, index) => {
    const slot = last - count + 1 + index;
    return known.get(slot) ?? { ...EMPTY, at: slot * bucketMs };
  });
}

const EMPTY = { count: 0, responses: 0, faults: 0, lost: 0, none: 0, p50Ms: null, p95Ms: null, maxMs: null } as const;

/** The stacked outcomes, from bottom to top. `other` has no answer, yet or ever. */
export const SERIES = ['responses', 'faults', 'lost', 'other'] as const;
export type Series = (typeof SERIES)[number];

export const seriesValue = (bucket: Bucket, series: Series): number =>
  series === 'other' ? Math.max(0, bucket.count - bucket.responses - bucket.faults - bucket.lost) : bucket[series];

/** The stacked parts of a bar: the start and end of each, in requests. */
export function stack(bucket: Bucket): readonly { series: Series; from: number; to: number }[] {
  let from = 0;
  return SERIES.flatMap((series) => {
    const value = seriesValue(bucket, series);
    if (value === 0) return [];
    const part = { series, from, to: from + value };
    from = part.to;
    return [part];
  });
}

/** A line through the points with gaps at null, for the attribute `d` of an SVG path. */
export function linePath(points: readonly ({ x: number; y: number } | null)[]): string {
  let pen = 'M';
  const parts = points.map((point) => {
    if (point === null) {
      pen = 'M';
      return '';
    }
    const part = `${pen}${point.x.toFixed(1)},${point.y.toFixed(1)}`;
    pen = 'L';
    return part;
  });
  return parts.filter((part) => part !== '').join(' ');
}

/** The sums of all buckets, for the line above a chart. */
export function totals(buckets: readonly Bucket[]): Readonly<Record<Series | 'count', number>> {
  const sum = (read: (bucket: Bucket) => number): number => buckets.reduce((total, bucket) => total + read(bucket), 0);
  return {
    count: sum(({ count }) => count),
    responses: sum((bucket) => seriesValue(bucket, 'responses')),
    faults: sum((bucket) => seriesValue(bucket, 'faults')),
    lost: sum((bucket) => seriesValue(bucket, 'lost')),
    other: sum((bucket) => seriesValue(bucket, 'other')),
  };
}

export const SERIES_NAMES: Readonly<Record<Series, string>> = {
  responses: 'Responses',
  faults: 'Faults',
  lost: 'Lost',
  other: 'Without reply',
};

/** The time and the numbers of a bar, for the line above the charts. */
export function bucketText(bucket: Bucket): string {
  const counts = SERIES.filter((series) => seriesValue(bucket, series) > 0).map(
    (series) => `${SERIES_NAMES[series].toLowerCase()} ${seriesValue(bucket, series)}`,
  );
  const latency =
    bucket.p50Ms === null ? [] : [`p50 ${durationText(bucket.p50Ms)}`, `p95 ${durationText(bucket.p95Ms)}`];
  return [clockTime(bucket.at).slice(0, 8), ...(counts.length === 0 ? ['no requests'] : counts), ...latency].join(
    ' · ',
  );
}
