import { useState } from 'preact/hooks';
import { oneLine } from '../message/entries.js';
import { FieldList } from './field-list.js';
import type { HexFrame } from './hex.js';
import { HexView } from './hex-view.js';

/** The bytes of a message, with their meaning. */
export function Frame({ frame }: { readonly frame: HexFrame }) {
  const [chosen, setChosen] = useState(-1);
  const [pointed, setPointed] = useState(-1);
  const shared = { frame, active: pointed >= 0 ? pointed : chosen, chosen, onChoose: setChosen, onPoint: setPointed };
  return (
    <div class="frame" onPointerLeave={() => setPointed(-1)}>
      <HexView {...shared} />
      <FieldList {...shared} />
      <FieldPath frame={frame} field={shared.active} />
    </div>
  );
}

/** The highlighted field and its parents. */
function FieldPath({ frame, field }: { readonly frame: HexFrame; readonly field: number }) {
  const { label, value } = frame.fields[field] ?? {};
  return (
    <p class="frame-path">
      {label === undefined
        ? 'Point at bytes or select a field to see its meaning.'
        : [...frame.namesOf(field), label].join(' › ')}
      {value !== undefined && <code>{oneLine(String(value))}</code>}
    </p>
  );
}
