/** Which rows of a long list are worth having in the page. */
export interface RowWindow {
  readonly first: number;
  /** Not included. */
  readonly end: number;
}

/** Rows kept above and below what is seen, so that scrolling shows no gaps. */
const SPARE = 10;

/** However tall the page is. */
export const MOST_ROWS = 96;

/** The rows of a list of `count` that are seen at `top`, and some around them: never more than MOST_ROWS. */
export function windowOf(count: number, rowHeight: number, top: number, height: number): RowWindow {
  const seen = Math.ceil(height / rowHeight) + 1;
  const spare = Math.max(0, Math.min(SPARE, Math.floor((MOST_ROWS - seen) / 2)));
  const size = Math.min(count, MOST_ROWS, seen + 2 * spare);
  const wanted = Math.floor(top / rowHeight) - spare;
  const first = Math.max(0, Math.min(count - size, wanted));
  return { first, end: first + size };
}

/** The scroll position nearest to `top` at which row `index` is seen whole. */
export function topToSee(index: number, rowHeight: number, top: number, height: number): number {
  const start = index * rowHeight;
  if (start < top) return start;
  return Math.max(top, start + rowHeight - height);
}

/** Where a list must be scrolled to for its rows to stay in place when `added` came on top; at the top, new rows show. */
export const topAfterAdding = (top: number, added: number, rowHeight: number): number =>
  top < rowHeight ? 0 : top + added * rowHeight;

/** The row that a key of the keyboard leads to from row `at` (-1: none); undefined: the key moves nothing. */
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
