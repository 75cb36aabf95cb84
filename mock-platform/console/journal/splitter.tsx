import { useRef } from 'preact/hooks';
import { stored, useStore } from '../state/store.js';

const BOUNDS = { least: 30, most: 75, usual: 54 } as const;

const bounded = (width: number): number => Math.min(BOUNDS.most, Math.max(BOUNDS.least, Math.round(width)));

/** The width of the detail pane, in percent of the view. */
export const splitWidth = stored<number>('detail', (text) => bounded(Number(text) || BOUNDS.usual));

/** The separator between list and detail, moved by dragging or with the arrow keys. */
export function Splitter() {
  const width = useStore(splitWidth);
  const ref = useRef<HTMLDivElement>(null);
  const pulled = ({ clientX, buttons }: PointerEvent): void => {
    const box = ref.current?.parentElement?.getBoundingClientRect();
    if (buttons === 1 && box !== undefined) splitWidth.set(bounded(((box.right - clientX) / box.width) * 100));
  };
  const pressed = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: 2, ArrowRight: -2 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    splitWidth.set(bounded(width + step));
  };
  return (
    <div
      ref={ref}
      class="splitter"
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the detail pane"
      aria-valuenow={width}
      aria-valuemin={BOUNDS.least}
      aria-valuemax={BOUNDS.most}
      tabIndex={0}
      onKeyDown={pressed}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={pulled}
    />
  );
}
