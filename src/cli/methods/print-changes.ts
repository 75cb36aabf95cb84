import { styleText } from 'node:util';
import type { Change } from './change.js';
import type { ChangeWithHits, Hit } from './hits.js';

/** The changes of each method, with the steps that they concern, and a summary. */
export function changesText(changes: readonly (Change | ChangeWithHits)[]): string {
  if (changes.length === 0) return 'no changes\n';
  const groups = new Map<string, string[]>();
  for (const change of changes) {
    const { method = 'All methods' } = change;
    groups.set(method, [...(groups.get(method) ?? []), ...lines(change)]);
  }
  const paragraphs = [...groups].map(([method, own]) => [styleText('bold', method), ...own, ''].join('\n'));
  return `${[...paragraphs, summary(changes)].join('\n')}\n`;
}

function lines(change: Change | ChangeWithHits): string[] {
  const mark = change.breaks ? styleText('red', 'breaks') : 'works ';
  return [`  ${mark}  ${change.text}`, ...hitsOf(change).map((hit) => `          ${hitText(hit)}`)];
}

const hitsOf = (change: Change | ChangeWithHits): readonly Hit[] => ('steps' in change ? change.steps : []);

const hitText = ({ file, line, column, strategy, step, why }: Hit): string =>
  `${file}:${line}:${column} ${strategy}, step ${step} ${why}`;

function summary(changes: readonly (Change | ChangeWithHits)[]): string {
  const breaking = changes.filter(({ breaks }) => breaks).length;
  const told = `${count(changes.length, 'change')}, of which ${breaking} ${breaking === 1 ? 'breaks' : 'break'} strategies`;
  if (!changes.some((change) => 'steps' in change)) return told;
  const steps = new Set(changes.flatMap(hitsOf).map(({ file, line }) => `${file}:${line}`));
  return `${told}; ${count(steps.size, 'step')} to look at`;
}

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;
