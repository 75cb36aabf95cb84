import type { Bucket } from '../api/types.js';
import { clockTime, countText, durationText } from '../ui/format.js';
import { Table } from '../ui/table.js';

/** The numbers of the charts: buckets in which something came, the newest first. */
export const BucketTable = ({ buckets }: { readonly buckets: readonly Bucket[] }) => (
  <Table
    label="Requests and latency"
    head={['From', 'Requests', 'Responses', 'Faults', 'Lost', 'p50', 'p95', 'Most']}
    numeric={[1, 2, 3, 4, 5, 6, 7]}
    rows={buckets
      .filter(({ count }) => count > 0)
      .toReversed()
      .map(({ at, count, responses, faults, lost, p50Ms, p95Ms, maxMs }) => ({
        key: at,
        cells: [
          clockTime(at).slice(0, 8),
          ...[count, responses, faults, lost].map(countText),
          ...[p50Ms, p95Ms, maxMs].map(durationText),
        ],
      }))}
    empty="No requests."
  />
);
