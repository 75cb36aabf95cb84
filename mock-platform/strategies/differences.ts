import type { Expectation } from './model.js';
import type { End, Run } from './run.js';
import { type DataValues, lookUp, textOf } from './values.js';

/** Describes how a run differs from the expectation, one line per difference. */
export function differences(expected: Expectation, run: Run): string[] {
  return [
    ...endDifference(expected, run.end),
    ...pathDifference(expected.path, run),
    ...Object.entries(expected.sent ?? {}).flatMap(([id, values]) => sentDifferences(id, values, run)),
    ...valueDifferences('data', expected.data ?? {}, run.after),
  ];
}

function endDifference({ routedTo, nowhere }: Expectation, end: End): string[] {
  const actual = end.kind === 'routed' ? `routed to ${end.routedTo}` : `ended nowhere at ${end.step}: ${end.why}`;
  if (routedTo !== undefined && !(end.kind === 'routed' && end.routedTo === routedTo)) {
    return [`routedTo: expected ${routedTo}, but ${actual}`];
  }
  if (nowhere !== undefined && !(end.kind === 'nowhere' && end.step === nowhere)) {
    return [`nowhere: expected ${nowhere}, but ${actual}`];
  }
  return [];
}

function pathDifference(expected: readonly string[] | undefined, run: Run): string[] {
  const path = run.steps.map(({ id }) => id).join(', ');
  if (expected === undefined || expected.join(', ') === path) return [];
  return [`path: expected ${expected.join(', ')}, but was ${path}`];
}

/** Compares what a step sent in its last run. */
function sentDifferences(id: string, expected: DataValues, run: Run): string[] {
  const step = run.steps.findLast((one) => one.id === id);
  if (step?.kind !== 'externalService') return [`sent.${id}: the step did not run`];
  return valueDifferences(`sent.${id}`, expected, step.sent.parameters);
}

/** Compares expected values as text. Additional values are allowed. */
function valueDifferences(at: string, expected: DataValues, values: DataValues): string[] {
  return Object.entries(expected).flatMap(([name, wanted]) => {
    const value = lookUp(values, name);
    if (typeof wanted === 'object' && typeof value === 'object')
      return valueDifferences(`${at}.${name}`, wanted, value);
    if (value !== undefined && textOf(value) === textOf(wanted)) return [];
    const actual = value === undefined ? 'was missing' : `was ${JSON.stringify(textOf(value))}`;
    return [`${at}.${name}: expected ${JSON.stringify(textOf(wanted))}, but ${actual}`];
  });
}
