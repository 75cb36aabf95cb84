import type { Bucket, Charts } from '../../../../mock-platform/console/api/types.ts';
import type { Summary } from './journal.ts';

const BUCKET_MS = 5000;

/** The journal's last 15 minutes in buckets. */
export function chartsOf(entries: readonly Summary[], now: number): Charts {
  const first = now - 15 * 60_000;
  const buckets = Map.groupBy(
    entries.filter(({ at }) => at >= first),
    ({ at }) => Math.floor(at / BUCKET_MS) * BUCKET_MS,
  );
  return {
    bucketMs: BUCKET_MS,
    buckets: [...buckets].map(([at, all]) => bucketOf(at, all)).sort((a, b) => a.at - b.at),
  };
}

function bucketOf(at: number, entries: readonly Summary[]): Bucket {
  const sorted = entries.flatMap(({ durationMs }) => durationMs ?? []).sort((a, b) => a - b);
  const rank = (part: number): number | null => sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? null;
  const count = (outcome: Summary['outcome']): number => entries.filter((entry) => entry.outcome === outcome).length;
  return {
    at,
    count: entries.length,
    responses: count('response'),
    faults: count('fault'),
    lost: count('lost'),
    none: count('none'),
    p50Ms: rank(0.5),
    p95Ms: rank(0.95),
    maxMs: rank(1),
  };
}
