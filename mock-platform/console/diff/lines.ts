/** A line of two compared texts. */
export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added';
  readonly text: string;
}

/** More cells than this are not compared: everything between the common start and end counts as replaced. */
const MOST_CELLS = 4_000_000;

const as = (kind: DiffLine['kind'], lines: readonly string[]): DiffLine[] => lines.map((text) => ({ kind, text }));

/** How many elements, or characters, two values have in common at their start, and after that at their end. */
export function commonEnds(one: ArrayLike<string>, other: ArrayLike<string>): { start: number; end: number } {
  const least = Math.min(one.length, other.length);
  let start = 0;
  while (start < least && one[start] === other[start]) start++;
  let end = 0;
  while (end < least - start && one[one.length - 1 - end] === other[other.length - 1 - end]) end++;
  return { start, end };
}

/** The shortest way from one list of lines to the other. */
export function diffLines(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  const { start, end } = commonEnds(before, after);
  const [a, b] = [before.slice(start, before.length - end), after.slice(start, after.length - end)];
  return [
    ...as('same', before.slice(0, start)),
    ...(a.length * b.length > MOST_CELLS ? [...as('removed', a), ...as('added', b)] : between(a, b)),
    ...as('same', before.slice(before.length - end)),
  ];
}

function between(a: readonly string[], b: readonly string[]): DiffLine[] {
  const width = b.length + 1;
  /** The length of the longest common sequence of the rests from each pair of lines. */
  const common = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number): number => common[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: DiffLine[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push(...as('same', a.slice(i, i + 1)));
      i++;
      j++;
    } else if (i < a.length && (j === b.length || at(i + 1, j) >= at(i, j + 1))) {
      lines.push(...as('removed', a.slice(i, ++i)));
    } else {
      lines.push(...as('added', b.slice(j, ++j)));
    }
  }
  return lines;
}
