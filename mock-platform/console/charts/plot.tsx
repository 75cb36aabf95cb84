import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Bucket } from '../api/types.js';
import { clockTime } from '../ui/format.js';
import { bucketText } from './scale.js';

const HEIGHT = 230;
const EDGE = { left: 52, right: 12, top: 10, bottom: 24 } as const;

/** Coordinates: `x` of a bucket's left edge, `y` of a value. */
export interface Plot {
  readonly width: number;
  readonly barWidth: number;
  x(index: number): number;
  y(value: number): number;
}

export interface ChartProps {
  readonly buckets: readonly Bucket[];
  readonly bucketMs: number;
  /** The bucket under the pointer; -1: none. */
  readonly at: number;
  onPoint(index: number): void;
}

interface PlotProps extends ChartProps {
  readonly label: string;
  readonly ticks: readonly number[];
  /** The position of a value between the first and the last tick, from 0 to 1. */
  readonly place: (value: number, ticks: readonly number[]) => number;
  readonly name: (tick: number) => string;
  draw(plot: Plot): ComponentChildren;
}

/** The axes, grid and cursor of a chart; pointer and arrow keys move between buckets. */
export function PlotView(props: PlotProps) {
  const { buckets, at, label, ticks, name, place, onPoint, draw } = props;
  const ref = useRef<HTMLDivElement>(null);
  const width = useWidth(ref);
  const plot = plotOf(width, buckets.length, (value) => place(value, ticks));
  const pointed = ({ clientX }: MouseEvent): void => {
    const left = ref.current?.getBoundingClientRect().left ?? 0;
    const index = Math.floor((clientX - left - EDGE.left) / plot.barWidth);
    onPoint(Math.max(0, Math.min(buckets.length - 1, index)));
  };
  const pressed = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const from = at < 0 ? buckets.length - (step < 0 ? 0 : 1) : at;
    onPoint(Math.max(0, Math.min(buckets.length - 1, from + step)));
  };
  const bucket = buckets[at];
  return (
    <div
      ref={ref}
      class="plot"
      role="slider"
      aria-label={label}
      aria-orientation="horizontal"
      aria-valuemin={0}
      aria-valuemax={buckets.length - 1}
      aria-valuenow={at < 0 ? buckets.length - 1 : at}
      aria-valuetext={bucket ? bucketText(bucket) : 'arrow keys move between bars'}
      tabIndex={0}
      onKeyDown={pressed}
      onPointerMove={pointed}
      onPointerLeave={() => onPoint(-1)}
    >
      <p class="plot-note" aria-hidden="true">
        {bucket && bucketText(bucket)}
      </p>
      <svg width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} aria-hidden="true">
        {ticks.map((tick) => (
          <g key={tick} class="tick">
            <line x1={EDGE.left} x2={width - EDGE.right} y1={plot.y(tick)} y2={plot.y(tick)} />
            <text x={EDGE.left - 8} y={plot.y(tick)} dy="0.320em">
              {name(tick)}
            </text>
          </g>
        ))}
        <Times buckets={buckets} plot={plot} />
        {at >= 0 && (
          <rect
            class="cursor"
            x={plot.x(at)}
            y={EDGE.top}
            width={plot.barWidth}
            height={HEIGHT - EDGE.top - EDGE.bottom}
          />
        )}
        {draw(plot)}
      </svg>
    </div>
  );
}

function plotOf(width: number, count: number, place: (value: number) => number): Plot {
  const barWidth = Math.max(0.5, (width - EDGE.left - EDGE.right) / Math.max(1, count));
  const space = HEIGHT - EDGE.top - EDGE.bottom;
  return {
    width,
    barWidth,
    x: (index) => EDGE.left + index * barWidth,
    y: (value) => HEIGHT - EDGE.bottom - place(value) * space,
  };
}

/** The times below a chart, with as many minutes between them as their width needs. */
function Times({ buckets, plot }: { readonly buckets: readonly Bucket[]; readonly plot: Plot }) {
  const minutes = Math.max(1, Math.ceil((buckets.length / (plot.width / 90)) * (spanOf(buckets) / 60_000)));
  const shown = buckets.map(({ at }, index) => ({ at, index })).filter(({ at }) => at % (minutes * 60_000) === 0);
  return (
    <>
      {shown.map(({ at, index }) => (
        <text key={at} class="time" x={plot.x(index)} y={HEIGHT - 7}>
          {clockTime(at).slice(0, 5)}
        </text>
      ))}
    </>
  );
}

const spanOf = ([first, second]: readonly Bucket[]): number => (second?.at ?? 0) - (first?.at ?? 0);

/** The current width of an element. */
function useWidth(ref: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(800);
  useLayoutEffect(() => {
    const measure = (): void => setWidth(Math.max(240, ref.current?.clientWidth ?? 800));
    measure();
    const observer = new ResizeObserver(measure);
    if (ref.current !== null) observer.observe(ref.current);
    return () => observer.disconnect();
  }, [ref]);
  return width;
}
