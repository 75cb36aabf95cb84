import type { Sweep, SweptPath } from './sweep.js';

/** A sweep for people: a line a path, what was forced and where the customer ends up; then what is worth knowing. */
export function sweepText(sweep: Sweep): string {
  const rows = [['forced', 'the customer ends up in', 'path'], ...sweep.paths.map(row)];
  const lost = sweep.paths.filter(({ end }) => end.kind === 'nowhere').length;
  const summary = `${counted(sweep.paths.length, 'path')}, ${lost === 0 ? 'none' : lost} of them to nowhere`;
  return `${[sweep.strategy, ...table(rows), ...notes(sweep), summary].join('\n')}\n`;
}

function row({ forced, steps, end }: SweptPath): string[] {
  const what = forced.map(({ step, outcome }) => `${step}: ${outcome}`).join('; ');
  const where = end.kind === 'routed' ? end.routedTo : `NOWHERE: ${end.why}`;
  return [what === '' ? 'nothing' : what, where, steps.join(' -> ')];
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = [0, 1].map((column) => Math.max(...rows.map((cells) => (cells[column] ?? '').length)));
  return rows.map((cells) => `  ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
}

function notes({ neverTaken, neverReached, cut }: Sweep): string[] {
  return [
    ...neverTaken.map((branch) => `never taken by any reply that was tried: ${branch}`),
    ...neverReached.map((id) => `never reached: ${id}`),
    ...(cut ? ['cut: there is more to try than was tried'] : []),
  ];
}

export const counted = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;
