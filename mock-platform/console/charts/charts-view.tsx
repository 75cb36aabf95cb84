import { useState } from 'preact/hooks';
import { api } from '../api/api.js';
import type { Bucket } from '../api/types.js';
import { useResource } from '../state/use-resource.js';
import { clockTime, countText, durationText } from '../ui/format.js';
import { Empty, Panel, Problem, Segments, ViewHead } from '../ui/parts.js';
import { Table } from '../ui/table.js';
import { LatencyChart, RequestsChart } from './charts.js';
import { SERIES, SERIES_NAMES, totals, wholeSpan } from './scale.js';

const EVERY_MS = 2500;

const SPANS = [
  { value: '5', text: '5 min' },
  { value: '15', text: '15 min' },
] as const;

type Span = (typeof SPANS)[number]['value'];

export function ChartsView() {
  const { data, problem } = useResource(api.charts, [], EVERY_MS);
  const [span, setSpan] = useState<Span>('15');
  const buckets = data && wholeSpan(data.buckets, data.bucketMs, Number(span) * 60_000, Date.now());
  return (
    <>
      <ViewHead title="Charts" note={data && `Requests of the last minutes, ${data.bucketMs / 1000} s per bar.`}>
        <Segments label="Span" name="span" choices={SPANS} value={span} onChange={setSpan} />
      </ViewHead>
      <Problem>{problem}</Problem>
      {buckets ? <Charts buckets={buckets} bucketMs={data.bucketMs} /> : <Empty>Loading…</Empty>}
    </>
  );
}

interface ChartsProps {
  readonly buckets: readonly Bucket[];
  readonly bucketMs: number;
}

function Charts({ buckets, bucketMs }: ChartsProps) {
  const [at, setAt] = useState<number>();
  const sums = totals(buckets);
  const index = buckets.findIndex((bucket) => bucket.at === at);
  const shared = { buckets, bucketMs, at: index, onPoint: (place: number) => setAt(buckets[place]?.at) };
  const legend = (
    <ul class="legend">
      {SERIES.filter((series) => sums[series] > 0 || series !== 'other').map((series) => (
        <li key={series}>
          <span class={`key key-${series}`} aria-hidden="true" />
          {SERIES_NAMES[series]} <strong>{countText(sums[series])}</strong>
        </li>
      ))}
    </ul>
  );
  const lines = (
    <ul class="legend">
      <li>
        <span class="key key-p50" aria-hidden="true" />
        p50
      </li>
      <li>
        <span class="key key-p95" aria-hidden="true" />
        p95
      </li>
    </ul>
  );
  return (
    <div class="charts">
      <Panel title="Requests" tools={legend}>
        <RequestsChart {...shared} />
      </Panel>
      <Panel title="Latency" tools={lines}>
        <LatencyChart {...shared} />
      </Panel>
      <details class="more">
        <summary>Show as a table</summary>
        <BucketTable buckets={buckets} />
      </details>
    </div>
  );
}

/** The numbers of the charts: buckets with requests, newest first. */
const BucketTable = ({ buckets }: { readonly buckets: readonly Bucket[] }) => (
  <Table
    label="Requests and latency"
    head={['From', 'Requests', 'Responses', 'Faults', 'Lost', 'p50', 'p95', 'Max']}
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
