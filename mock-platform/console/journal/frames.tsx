import { useMemo, useState } from 'preact/hooks';
import type { Entry } from '../api/types.js';
import { oneLine } from '../message/entries.js';
import { countOf } from '../ui/format.js';
import { Button, Segments } from '../ui/parts.js';
import { copy } from '../ui/toasts.js';
import { FieldList } from './field-list.js';
import { HexFrame } from './hex.js';
import { HexView } from './hex-view.js';

const SIDES = [
  { value: 'request', text: 'Request' },
  { value: 'reply', text: 'Reply' },
] as const;

type Side = (typeof SIDES)[number]['value'];

/** The bytes of request and reply, with their meaning. */
export function Frames({ entry }: { readonly entry: Entry }) {
  const [side, setSide] = useState<Side>('request');
  const shown = (side === 'reply' ? entry.reply : null) ?? entry.request;
  const frame = useMemo(() => new HexFrame(shown.hex, shown.ranges), [shown]);
  return (
    <div class="frames">
      <div class="frames-tools">
        {entry.reply !== null && (
          <Segments label="Frame" name="frame-side" choices={SIDES} value={side} onChange={setSide} />
        )}
        <span class="frames-size">{countOf(frame.length, 'byte')}</span>
        <Button icon="copy" onClick={() => copy('the frame as hex', () => frame.hex)}>
          Hex
        </Button>
      </div>
      <Frame key={side} frame={frame} />
    </div>
  );
}

function Frame({ frame }: { readonly frame: HexFrame }) {
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
