/** The rows of a long list to render. */
export interface RowWindow {
  readonly first: number;
  /** Exclusive. */
  readonly end: number;
}

/** Rows rendered above and below the visible ones, so that scrolling shows no gaps. */
const SPARE = 10;

/** The limit on a page of any height. */
export const MOST_ROWS = 96;

/** The rows of a list of `count` that are visible at `top`, and some around them, at most MOST_ROWS. */
export function windowOf(count: number, rowHeight: number, top: number, height: number): RowWindow {
  const seen = Math.ceil(height / rowHeight) + 1;
  const spare = Math.max(0, Math.min(SPARE, Math.floor((MOST_ROWS - seen) / 2)));
  const size = Math.min(count, MOST_ROWS, seen + 2 * spare);
  const wanted = Math.floor(top / rowHeight) - spare;
  const first = Math.max(0, Math.min(count - size, wanted));
  return { first, end: first + size };
}

/** The scroll position nearest to `top` at which row `index` is fully visible. */
export function topToSee(index: number, rowHeight: number, top: number, height: number): number {
  const start = index * rowHeight;
  if (start < top) return start;
  return Math.max(top, start + rowHeight - height);
}

/** The scroll position that keeps rows in place after `added` new ones above; at the top, new rows show. */
export const topAfterAdding = (top: number, added: number, rowHeight: number): number =>
  top < rowHeight ? 0 : top + added * rowHeight;

/** The row that a key selects, starting from row `at` (-1: none); undefined for other keys. */
export function rowAfterKey(key: string, at: number, count: number, rowsPerPage: number): number | undefined {
  const step = stepOf(key, rowsPerPage);
  if (step === undefined || count === 0) return undefined;
  if (at < 0 && Math.abs(step) !== Number.POSITIVE_INFINITY) return 0;
  return Math.max(0, Math.min(count - 1, at + step));
}

function stepOf(key: string, rowsPerPage: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
    case 'j':
      return 1;
    case 'ArrowUp':
    case 'k':
      return -1;
    case 'PageDown':
      return rowsPerPage;
    case 'PageUp':
      return -rowsPerPage;
    case 'Home':
      return Number.NEGATIVE_INFINITY;
    case 'End':
      return Number.POSITIVE_INFINITY;
    default:
      return undefined;
  }
}
