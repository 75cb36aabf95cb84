import type { Bucket } from '../api/types.js';
import { countText } from '../ui/format.js';
import { type ChartProps, type Plot, PlotView } from './plot.js';
import { linear, linePath, logarithmic, powers, stack, ticks } from './scale.js';

/** Requests by outcome, as stacked bars. */
export const RequestsChart = (props: ChartProps) => (
  <PlotView
    {...props}
    label="Requests by outcome"
    place={linear}
    name={countText}
    ticks={ticks(Math.max(...props.buckets.map(({ count }) => count)), 4, true)}
    draw={({ x, y, barWidth }) =>
      props.buckets.map((bucket, index) => (
        <g key={bucket.at}>
          {stack(bucket).map(({ series, from, to }) => (
            <rect
              key={series}
              class={`bar-${series}`}
              x={x(index) + (barWidth > 3 ? 0.5 : 0)}
              width={Math.max(0.5, barWidth - (barWidth > 3 ? 1 : 0))}
              y={y(to)}
              height={y(from) - y(to)}
            />
          ))}
        </g>
      ))
    }
  />
);

const LINES = [
  ['p95', (bucket: Bucket) => bucket.p95Ms],
  ['p50', (bucket: Bucket) => bucket.p50Ms],
] as const;

/** The median and the 95th percentile of the latency. */
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
