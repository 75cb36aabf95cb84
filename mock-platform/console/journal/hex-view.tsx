import { useLayoutEffect, useState } from 'preact/hooks';
import { useWindow } from '../list/use-window.js';
import { type HexFrame, type HexRun, offsetText, roleOf } from './hex.js';

const ROW_HEIGHT = 20;

/** Narrower rows have half as many bytes. */
const WIDE = 520;

export interface FrameProps {
  readonly frame: HexFrame;
  /** The highlighted field: the one under the pointer, or the selected one; -1: none. */
  readonly active: number;
  readonly chosen: number;
  onChoose(field: number): void;
  onPoint(field: number): void;
}

/** Bytes as hex and characters, with fields in different shades. */
export function HexView({ frame, active, chosen, onChoose, onPoint }: FrameProps) {
  const [perRow, setPerRow] = useState(16);
  const windowed = useWindow(frame.rows(perRow), ROW_HEIGHT);
  const { ref, window: shown } = windowed;
  useLayoutEffect(() => {
    const measure = (): void => setPerRow((ref.current?.clientWidth ?? WIDE) < WIDE ? 8 : 16);
    const observer = new ResizeObserver(measure);
    if (ref.current !== null) observer.observe(ref.current);
    return () => observer.disconnect();
  }, [ref]);
  // scroll only when the selection changes
  useLayoutEffect(() => {
    const { start, end } = frame.fields[chosen] ?? {};
    if (start === undefined || end === undefined) return;
    windowed.see(Math.floor((end - 1) / perRow));
    windowed.see(Math.floor(start / perRow));
  }, [chosen]);
  const pressed = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    onPoint(-1);
    onChoose(Math.max(0, Math.min(frame.fields.length - 1, chosen + step)));
  };
  return (
    <div
      ref={ref}
      class="hex"
      role="group"
      aria-label="Bytes of the frame; arrow keys move between fields"
      tabIndex={0}
      onScroll={windowed.onScroll}
      onKeyDown={pressed}
      onPointerMove={(event) => onPoint(fieldOf(event))}
      onClick={(event) => onChoose(fieldOf(event))}
    >
      <div style={{ height: `${frame.rows(perRow) * ROW_HEIGHT}px` }}>
        <div style={{ transform: `translateY(${shown.first * ROW_HEIGHT}px)` }}>
          {Array.from({ length: shown.end - shown.first }, (_, index) => (
            <HexRow key={shown.first + index} frame={frame} row={shown.first + index} perRow={perRow} active={active} />
          ))}
        </div>
      </div>
    </div>
  );
}

function fieldOf({ target }: Event): number {
  const run = target instanceof Element ? target.closest<HTMLElement>('[data-field]') : null;
  return Number(run?.dataset.field ?? -1);
}

interface HexRowProps {
  readonly frame: HexFrame;
  readonly row: number;
  readonly perRow: number;
  readonly active: number;
}

function HexRow({ frame, row, perRow, active }: HexRowProps) {
  const runs = frame.runs(row, perRow, active);
  const last = runs.at(-1);
  const missing = (row + 1) * perRow - ((last?.offset ?? 0) + (last?.length ?? 0));
  return (
    <div class="hex-row">
      <span class="hex-offset">{offsetText(row * perRow, frame.length)}</span>
      <span class="hex-bytes">
        {runs.map((run) => (
          <Run key={run.offset} frame={frame} run={run} rowEnd={(row + 1) * perRow} />
        ))}
        {'   '.repeat(missing).slice(1)}
      </span>
      <span class="hex-text" aria-hidden="true">
        {runs.map((run) => (
          <span key={run.offset} class={classOf(frame, run)} data-field={run.field}>
            {bytesOf(run).map((offset) => frame.character(offset))}
          </span>
        ))}
      </span>
    </div>
  );
}

const bytesOf = ({ offset, length }: HexRun): readonly number[] => Array.from({ length }, (_, index) => offset + index);

/** The space after a run's last byte belongs to the run only if it continues. */
function Run({ frame, run, rowEnd }: { readonly frame: HexFrame; readonly run: HexRun; readonly rowEnd: number }) {
  const bytes = bytesOf(run).map((offset) => frame.byte(offset));
  return (
    <>
      <span class={classOf(frame, run)} data-field={run.field}>
        {bytes.join(' ')}
      </span>
      {run.offset + run.length < rowEnd && ' '}
    </>
  );
}

function classOf(frame: HexFrame, { field, selected }: HexRun): string {
  return `run run-${roleOf(frame.fields[field])}${selected ? ' run-active' : ''}`;
}
