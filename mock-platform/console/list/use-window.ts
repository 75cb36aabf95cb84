import type { RefObject } from 'preact';
import { useCallback, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { type RowWindow, topToSee, windowOf } from './window.js';

export interface Windowed {
  /** For the scrolling element. */
  readonly ref: RefObject<HTMLDivElement | null>;
  readonly window: RowWindow;
  /** The number of rows that fit. */
  readonly rowsSeen: number;
  onScroll(): void;
  /** Scrolls just enough to show a row. */
  see(index: number): void;
  /** Changes the scroll position before the next render. */
  moveTop(change: (top: number) => number): void;
}

/** Renders only the visible rows of a long list. `headerHeight` is that of the sticky header. */
export function useWindow(count: number, rowHeight: number, headerHeight = 0): Windowed {
  const ref = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 0 });
  const onScroll = useCallback(() => {
    const { scrollTop: top = 0, clientHeight = 0 } = ref.current ?? {};
    const height = Math.max(0, clientHeight - headerHeight);
    setView((last) => (last.top === top && last.height === height ? last : { top, height }));
  }, [headerHeight]);
  useLayoutEffect(() => {
    onScroll();
    const observer = new ResizeObserver(onScroll);
    if (ref.current !== null) observer.observe(ref.current);
    return () => observer.disconnect();
  }, [onScroll]);
  const moveTop = useCallback(
    (change: (top: number) => number) => {
      if (ref.current === null) return;
      ref.current.scrollTop = change(ref.current.scrollTop);
      onScroll();
    },
    [onScroll],
  );
  return {
    ref,
    window: windowOf(count, rowHeight, view.top, view.height),
    rowsSeen: Math.max(1, Math.floor(view.height / rowHeight)),
    onScroll,
    see: (index) => {
      const height = (ref.current?.clientHeight ?? 0) - headerHeight;
      moveTop((top) => topToSee(index, rowHeight, top, height));
    },
    moveTop,
  };
}
