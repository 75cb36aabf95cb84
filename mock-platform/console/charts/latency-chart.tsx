import type { Bucket } from '../api/types.js';
import { type ChartProps, type Plot, PlotView } from './plot.js';
import { linePath, logarithmic, powers } from './scale.js';

const LINES = [
  ['p95', (bucket: Bucket) => bucket.p95Ms],
  ['p50', (bucket: Bucket) => bucket.p50Ms],
] as const;

/** Latency that half of the requests, and 95 in a hundred, stayed under. */
export const LatencyChart = (props: ChartProps) => (
  <PlotView
    {...props}
    label="Latency, p50 and p95"
    place={logarithmic}
    name={(tick) => (tick < 1000 ? `${tick} ms` : `${tick / 1000} s`)}
    ticks={powers(props.buckets.flatMap(({ p50Ms, p95Ms }) => [p50Ms ?? 0, p95Ms ?? 0]))}
    draw={(plot) => LINES.map(([name, read]) => <Line key={name} {...{ name, read, plot }} buckets={props.buckets} />)}
  />
);

interface LineProps {
  readonly name: string;
  readonly plot: Plot;
  readonly buckets: readonly Bucket[];
  read(bucket: Bucket): number | null;
}

function Line({ name, plot, buckets, read }: LineProps) {
  const points = buckets.map((bucket, index) => {
    const value = read(bucket);
    return value === null ? null : { x: plot.x(index) + plot.barWidth / 2, y: plot.y(value) };
  });
  const isAlone = (index: number): boolean => !points[index - 1] && !points[index + 1];
  return (
    <>
      <path class={`line line-${name}`} d={linePath(points)} />
      {points.map(
        (point, index) =>
          point &&
          isAlone(index) && (
            <circle key={buckets[index]?.at} class={`point point-${name}`} cx={point.x} cy={point.y} r="2" />
          ),
      )}
    </>
  );
}
