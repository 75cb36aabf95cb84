import { useMemo } from 'preact/hooks';
import { api } from '../api/api.js';
import type { Summary } from '../api/types.js';
import { routeHash } from '../shell/routes.js';
import { useResource } from '../state/use-resource.js';
import { Button, Problem } from '../ui/parts.js';
import { DiffView } from './diff-view.js';
import { entryLines } from './entry-lines.js';
import { diffLines } from './lines.js';

interface EntryDiffProps {
  readonly before: number;
  readonly after: number;
  /** The line of `after` in the list. When that changes, both are loaded again. */
  readonly summary?: Summary | undefined;
  onClose?(): void;
}

/** How an exchange differs from an earlier one. */
export function EntryDiff({ before, after, summary, onClose }: EntryDiffProps) {
  const load = (signal: AbortSignal) => Promise.all([api.entry(before, signal), api.entry(after, signal)]);
  const { data, problem } = useResource(load, [before, after, summary]);
  const lines = useMemo(() => data && diffLines(entryLines(data[0]), entryLines(data[1])), [data]);
  return (
    <section class="entry-diff" aria-label="Differences">
      <header>
        <h3>
          Compared with <a href={routeHash('journal', [before])}>#{before}</a>
        </h3>
        {onClose && <Button icon="close" label="Stop comparing" onClick={onClose} />}
      </header>
      <Problem>{problem}</Problem>
      {lines !== undefined &&
        (lines.every(({ kind }) => kind === 'same') ? (
          <p class="hint">Request, upstream calls and reply are the same.</p>
        ) : (
          <DiffView label={`From #${before} to #${after}`} lines={lines} />
        ))}
    </section>
  );
}
