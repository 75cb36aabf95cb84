import type { RunStep, StrategyRun } from '../api/types.js';
import type { Link } from './layers.js';

/** How often a run came through a step, and where in its order first (from 1); undefined: never. */
export function visitsOf(run: StrategyRun | undefined, id: string): { first: number; count: number } | undefined {
  const first = run?.steps.findIndex((step) => step.id === id) ?? -1;
  if (run === undefined || first < 0) return undefined;
  return { first: first + 1, count: run.steps.filter((step) => step.id === id).length };
}

/** Whether a run went along a link: a step is followed by the next one that ran. */
export function isTaken(run: StrategyRun | undefined, { from, to }: Pick<Link, 'from' | 'to'>): boolean {
  const steps = run?.steps ?? [];
  return steps.some((step, index) => step.id === from && nextOf(step, steps[index + 1]) === to);
}

const nextOf = (step: RunStep, following: RunStep | undefined): string | undefined => step.next ?? following?.id;

/** How a step came out, for its colour: `fault` also stands for no answer at all. */
export function resultOf(run: StrategyRun | undefined, id: string): 'good' | 'fault' | undefined {
  const last = run?.steps.findLast((step) => step.id === id);
  if (last === undefined) return undefined;
  return last.got === undefined || last.got.kind === 'response' ? 'good' : 'fault';
}
