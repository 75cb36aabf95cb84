import { api } from '../api/api.js';
import type { Entry, Summary } from '../api/types.js';
import { EntryDiff } from '../diff/entry-diff.js';
import { visible } from '../message/entries.js';
import { changes } from '../state/session.js';
import { useStore } from '../state/store.js';
import { useResource } from '../state/use-resource.js';
import { durationText, fullTime } from '../ui/format.js';
import { Button, OutcomeChip, Problem } from '../ui/parts.js';
import { Actions } from './actions.js';
import { CauseLine } from './cause-line.js';
import { momentsOf, unfoldedIn, unfoldedPart } from './story.js';
import { Story } from './story-view.js';

interface DetailProps {
  readonly id: number;
  /** Its line in the list. When that changes, the details are loaded again. */
  readonly summary: Summary | undefined;
  /** What is unfolded, as in the address. */
  readonly part: string | undefined;
  /** The request that this one is compared with, as in the address. */
  readonly compared: number | undefined;
  onCompare(base: number | undefined): void;
  onPart(part: string): void;
  onClose(): void;
}

/** The details of a request. */
export function Detail({ id, summary, part, compared, onCompare, onPart, onClose }: DetailProps) {
  const { faults } = useStore(changes);
  const { data: entry, problem } = useResource((signal) => api.entry(id, signal), [id, summary, faults]);
  return (
    <section class="detail" aria-label={`Request ${id}`} aria-busy={entry?.id !== id && problem === undefined}>
      {problem === undefined && entry !== undefined ? (
        <div class="detail-scroll" key={entry.id} tabIndex={0}>
          <Head entry={entry} onClose={onClose} />
          <CauseLine cause={entry.cause} onShowCall={(index) => onPart(withCall(entry, part, index))} />
          <Actions
            entry={entry}
            isCompared={compared === id}
            onCompare={() => onCompare(compared === id ? undefined : id)}
          />
          {compared === id && <p class="hint">Open another request to compare it with this one.</p>}
          {compared !== undefined && compared !== id && (
            <EntryDiff before={compared} after={id} summary={summary} onClose={() => onCompare(undefined)} />
          )}
          <Story entry={entry} part={part} onPart={onPart} />
        </div>
      ) : (
        <header class="detail-head">
          <h2>Request {id}</h2>
          <Button icon="close" label="Close" title="Close (Esc)" onClick={onClose} />
          <Problem>{problem}</Problem>
        </header>
      )}
    </section>
  );
}

const withCall = (entry: Entry, part: string | undefined, index: number): string =>
  unfoldedPart(new Set([...unfoldedIn(part, momentsOf(entry)), `call-${index + 1}`]));

function Head({ entry, onClose }: { readonly entry: Entry; onClose(): void }) {
  const { outcome, faultCode, faultText } = entry;
  return (
    <header class="detail-head">
      <h2>
        <span class="service">{visible(entry.service) || '?'}.</span>
        {visible(entry.method) || '?'}
      </h2>
      <OutcomeChip outcome={outcome} code={faultCode} />
      <span class="detail-latency">{durationText(entry.durationMs)}</span>
      <Button icon="close" label="Close" title="Close (Esc)" onClick={onClose} />
      <p class="detail-meta">{visible(metaOf(entry).join(' · '))}</p>
      {faultText !== undefined && <p class="detail-fault">{visible(faultText)}</p>}
    </header>
  );
}

function metaOf({ id, at, client, via, application, appName, appType }: Entry): readonly string[] {
  const asked = [appName && `AppName ${appName}`, appType !== undefined && `AppType ${appType}`].filter(Boolean);
  const target = asked.length === 0 ? 'no application named' : asked.join(', ');
  return [`#${id}`, fullTime(at), `${client}${via === undefined ? '' : ` via ${via}`} → ${application}`, target];
}
