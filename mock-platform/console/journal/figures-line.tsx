import { useMemo } from 'preact/hooks';
import type { Summary } from '../api/types.js';
import { countOf, countText, durationText } from '../ui/format.js';
import { figuresOf } from './figures.js';

interface FiguresProps {
  readonly shown: readonly Summary[];
  /** How many the console has, and how many the platform. */
  readonly kept: number;
  readonly total: number;
  readonly loading: boolean;
}

/** What the list comes to, in a line under it. */
export function FiguresLine({ shown, kept, total, loading }: FiguresProps) {
  const { requests, faults, lost, p50, p95 } = useMemo(() => figuresOf(shown), [shown]);
  return (
    <p class="figures">
      <span data-figure="requests">
        {requests === kept ? countOf(requests, 'request') : `${countText(requests)} of ${countOf(kept, 'request')}`}
      </span>
      {faults > 0 && <span class="figure-fault">{countOf(faults, 'fault')}</span>}
      {lost > 0 && <span class="figure-lost">{countText(lost)} lost</span>}
      {p50 !== undefined && <span>p50 {durationText(p50)}</span>}
      {p95 !== undefined && <span>p95 {durationText(p95)}</span>}
      {total > kept && <span class="figure-more">{loading ? 'loading…' : `the newest of ${countText(total)}`}</span>}
    </p>
  );
}
