import { countText } from '../ui/format.js';
import { type ChartProps, PlotView } from './plot.js';
import { linear, stack, ticks } from './scale.js';

/** Requests by outcome, in bars that stand on each other. */
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
