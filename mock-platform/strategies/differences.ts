import type { Expectation } from './model.js';
import type { End, Run } from './run.js';
import { type DataValues, lookUp, textOf } from './values.js';

/** How a run differs from what a case expects: a line a difference, none where it is as expected. */
export function differences(expected: Expectation, run: Run): string[] {
  return [
    ...endDifference(expected, run.end),
    ...pathDifference(expected.path, run),
    ...Object.entries(expected.sent ?? {}).flatMap(([id, values]) => sentDifferences(id, values, run)),
    ...valueDifferences('data', expected.data ?? {}, run.after),
  ];
}

function endDifference({ routedTo, nowhere }: Expectation, end: End): string[] {
  const came =
    end.kind === 'routed' ? `it was routed to ${end.routedTo}` : `it ended nowhere at ${end.step}: ${end.why}`;
  if (routedTo !== undefined && !(end.kind === 'routed' && end.routedTo === routedTo)) {
    return [`routedTo: expected ${routedTo}, and ${came}`];
  }
  if (nowhere !== undefined && !(end.kind === 'nowhere' && end.step === nowhere)) {
    return [`nowhere: expected an end at ${nowhere}, and ${came}`];
  }
  return [];
}

function pathDifference(expected: readonly string[] | undefined, run: Run): string[] {
  const path = run.steps.map(({ id }) => id).join(', ');
  if (expected === undefined || expected.join(', ') === path) return [];
  return [`path: expected ${expected.join(', ')}, and it was ${path}`];
}

/** A step that ran several times is looked at as it ran last. */
function sentDifferences(id: string, expected: DataValues, run: Run): string[] {
  const step = run.steps.findLast((one) => one.id === id);
  if (step?.kind !== 'externalService') return [`sent.${id}: the step did not run`];
  return valueDifferences(`sent.${id}`, expected, step.sent.parameters);
}

/** What is expected must be there, as text; there may be more. */
function valueDifferences(at: string, expected: DataValues, values: DataValues): string[] {
  return Object.entries(expected).flatMap(([name, wanted]) => {
    const value = lookUp(values, name);
    if (typeof wanted === 'object' && typeof value === 'object')
      return valueDifferences(`${at}.${name}`, wanted, value);
    if (value !== undefined && textOf(value) === textOf(wanted)) return [];
    const came = value === undefined ? 'it is not there' : `it is ${JSON.stringify(textOf(value))}`;
    return [`${at}.${name}: expected ${JSON.stringify(textOf(wanted))}, and ${came}`];
  });
}
