import type { ServiceRequest } from './model.js';
import type { CaseResult, Run, RunStep, StepOutcome, StrategyResult } from './run.js';
import type { Sweep, SweptPath } from './sweep.js';
import { type DataValues, textOf } from './values.js';

/** Formats a sweep: a line per path, then notes and a summary. */
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
    ...neverTaken.map((branch) => `never taken: ${branch}`),
    ...neverReached.map((id) => `never reached: ${id}`),
    ...(cut ? ['cut short: the sweep reached its limits'] : []),
  ];
}

export const counted = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;

/** Formats a case: one line, followed by the differences and the run if it failed. */
export function caseText({ name, differences, run, durationMs }: CaseResult): string {
  const line = `  ${differences.length === 0 ? 'ok  ' : 'FAIL'}  ${name} (${Math.round(durationMs)} ms)\n`;
  if (differences.length === 0) return line;
  const details = [...differences, ...runText(run).trimEnd().split('\n')];
  return line + details.map((text) => `        ${text}\n`).join('');
}

/** Formats the summary of a test run. */
export function resultText(results: readonly StrategyResult[]): string {
  const cases = results.flatMap((result) => result.cases);
  const failed = cases.filter(({ differences }) => differences.length > 0).length;
  return `${counted(cases.length, 'case')}, ${failed === 0 ? 'all passed' : `${failed} failed`}\n`;
}

/** Formats a run: a line per step with request, outcome and next step, and why it ended nowhere, if it did. */
export function runText(run: Run): string {
  const width = Math.max(...run.steps.map(({ id }) => id.length));
  const lines = run.steps.map((step) => `  ${step.id.padEnd(width)}  ${stepText(step)}`);
  const end = run.end.kind === 'nowhere' ? [`  ends nowhere at ${run.end.step}: ${run.end.why}`] : [];
  return `${[run.strategy, ...lines, ...end].join('\n')}\n`;
}

function stepText(step: RunStep): string {
  const next = step.next === undefined ? '' : ` -> ${step.next}`;
  switch (step.kind) {
    case 'externalService': {
      const { sent, outcome, durationMs } = step;
      return `${requestText(sent)} => ${outcomeText(outcome)} (${Math.round(durationMs)} ms)${next}`;
    }
    case 'assign':
      return `${valuesText(step.assigned)}${next}`;
    default:
      return `routed to ${step.routedTo}`.trimEnd();
  }
}

/** `Billing Billing.GetBalance Account=17` */
function requestText({ appName, appType, service, method, parameters }: ServiceRequest): string {
  return `${appName ?? `type ${appType}`} ${service}.${method} ${valuesText(parameters)}`.trimEnd();
}

export function outcomeText(outcome: StepOutcome): string {
  switch (outcome.kind) {
    case 'response':
      return `response ${valuesText(outcome.parameters)}`.trimEnd();
    case 'fault':
      return `fault ${outcome.code} ${outcome.text.replaceAll(/\s+/g, ' ')}`.trimEnd();
    case 'timeout':
      return 'timeout';
    default:
      return outcome.why === undefined ? 'connection lost' : `connection lost (${outcome.why})`;
  }
}

/** `Name=value Other="two words"` */
const valuesText = (values: DataValues): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : quoted(textOf(value))}`)
    .join(' ');

const quoted = (text: string): string => (/[\s"]/.test(text) ? JSON.stringify(text) : text);
