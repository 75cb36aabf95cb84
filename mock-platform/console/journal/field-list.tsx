import { useId, useLayoutEffect } from 'preact/hooks';
import { useWindow } from '../list/use-window.js';
import { rowAfterKey } from '../list/window.js';
import { oneLine } from '../message/entries.js';
import { roleOf } from './hex.js';
import type { FrameProps } from './hex-view.js';

const ROW_HEIGHT = 22;

/** The fields of a frame in byte order, with the selected one highlighted. */
export function FieldList({ frame, active, chosen, onChoose, onPoint }: FrameProps) {
  const { fields } = frame;
  const base = useId();
  const windowed = useWindow(fields.length, ROW_HEIGHT);
  const { ref, window: shown, rowsSeen } = windowed;
  // scroll only when the field changes
  useLayoutEffect(() => {
    if (active >= 0) windowed.see(active);
  }, [active]);
  const pressed = (event: KeyboardEvent): void => {
    const next = rowAfterKey(event.key, chosen, fields.length, rowsSeen);
    if (next === undefined) return;
    event.preventDefault();
    onPoint(-1);
    onChoose(next);
  };
  const isDrawn = chosen >= shown.first && chosen < shown.end;
  return (
    <div
      ref={ref}
      class="fields"
      role="listbox"
      aria-label="Fields of the frame"
      aria-activedescendant={isDrawn ? `${base}-${chosen}` : undefined}
      tabIndex={0}
      onScroll={windowed.onScroll}
      onKeyDown={pressed}
    >
      <div role="presentation" style={{ height: `${fields.length * ROW_HEIGHT}px` }}>
        {fields.slice(shown.first, shown.end).map((range, index) => {
          const { start, end, label, depth, value } = range;
          const field = shown.first + index;
          const role = roleOf(range);
          return (
            <div
              key={field}
              id={`${base}-${field}`}
              role="option"
              aria-selected={field === chosen}
              aria-posinset={field + 1}
              aria-setsize={fields.length}
              class={`field field-${role}${field === active ? ' field-active' : ''}`}
              style={{ transform: `translateY(${field * ROW_HEIGHT}px)`, paddingLeft: `${8 + depth * 12}px` }}
              onClick={() => onChoose(field)}
              onPointerMove={() => onPoint(field)}
            >
              <span class={`swatch run-${role}`} aria-hidden="true" />
              <span class="field-label">{label}</span>
              <span class="field-value">{value === undefined ? '' : oneLine(String(value))}</span>
              <span class="field-bytes">{start === end - 1 ? start : `${start}–${end - 1}`}</span>
            </div>
          );
        })}
      </div>
    </div>
  );
}
