import type { Bucket } from '../api/types.js';
import { clockTime, durationText } from '../ui/format.js';
import { SERIES, type Series, seriesValue } from './scale.js';

export const SERIES_NAMES: Readonly<Record<Series, string>> = {
  responses: 'Responses',
  faults: 'Faults',
  lost: 'Lost',
  other: 'Without reply',
};

/** What a bar stands for: its time and its numbers, for the line above the charts. */
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
