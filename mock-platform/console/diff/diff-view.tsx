import { visible } from '../message/entries.js';
import type { DiffLine } from './lines.js';

const SIGNS: Readonly<Record<DiffLine['kind'], string>> = { same: ' ', removed: '−', added: '+' };

/** Unchanged lines further than this from a change are left out. */
const CONTEXT = 3;

/** The differences of two texts, with the lines around them. */
export function DiffView({ label, lines }: { readonly label: string; readonly lines: readonly DiffLine[] }) {
  const near = (index: number): boolean =>
    lines.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(({ kind }) => kind !== 'same');
  return (
    <div class="diff" role="group" aria-label={label} tabIndex={0}>
      {lines.map(({ kind, text }, index) =>
        near(index) ? (
          // lines repeat: only their place tells them apart
          <div key={index} class={`diff-line diff-${kind}`}>
            <span aria-hidden="true">{SIGNS[kind]}</span>
            {kind !== 'same' && <span class="unseen">{kind}: </span>}
            {visible(text)}
          </div>
        ) : (
          near(index - 1) && (
            <div key={index} class="diff-gap">
              …
            </div>
          )
        ),
      )}
    </div>
  );
}
