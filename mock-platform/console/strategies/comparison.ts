import type { RunStep, StrategyRun, StrategyVariants } from '../api/types.js';
import { diffLines } from '../diff/lines.js';
import { asEntries, listText } from '../message/entries.js';

/** With what a strategy runs: a variant of a mock, as everything is now, or the run that is shown. */
export interface Side {
  readonly title: string;
  readonly variant?: StrategyVariants[number];
  /** The run that is shown, before an edit. */
  readonly isLast?: true;
}

const NOW: Side = { title: 'as it is now' };

export function sidesOf(variants: StrategyVariants, hasRun: boolean): readonly Side[] {
  const last: readonly Side[] = hasRun ? [{ title: 'the run shown', isLast: true }] : [];
  return [...variants.map((variant) => ({ title: `${variant.upstream} ${variant.title}`, variant })), ...last, NOW];
}

/** What is compared first: two variants, or else before and after. */
export function firstTwo(sides: readonly Side[]): readonly [string, string] {
  const [one = NOW, other = one] = sides;
  return [one.title, other.title];
}

/** A step of either run, or of both. */
export interface ComparedStep {
  readonly id: string;
  readonly left: string | undefined;
  readonly right: string | undefined;
  readonly isSame: boolean;
}

/** The steps of two runs next to each other. */
export function comparedSteps(left: StrategyRun, right: StrategyRun): readonly ComparedStep[] {
  let [i, j] = [0, 0];
  const ids = ({ steps }: StrategyRun): string[] => steps.map(({ id }) => id);
  return diffLines(ids(left), ids(right)).map(({ kind, text: id }) => {
    const one = kind === 'added' ? undefined : stepText(left.steps[i++]);
    const other = kind === 'removed' ? undefined : stepText(right.steps[j++]);
    return { id, left: one, right: other, isSame: one === other };
  });
}

/** What came of a step. */
export function stepText(step: RunStep | undefined): string {
  if (step === undefined) return '';
  const { outcome, assigned, branch } = step;
  if (assigned !== undefined) return listText(asEntries(assigned));
  if (outcome === undefined) return 'routed';
  const { kind, code, text, parameters } = outcome;
  const what = [kind, code, text, parameters && listText(asEntries(parameters))].filter(Boolean).join(' ');
  return branch === undefined ? what : `${what} → ${branch}`;
}

export const endText = ({
  routedTo,
  endedAt,
  problem,
}: Pick<StrategyRun, 'routedTo' | 'endedAt' | 'problem'>): string =>
  routedTo ?? [`nowhere, at ${endedAt}`, problem].filter(Boolean).join(': ');
