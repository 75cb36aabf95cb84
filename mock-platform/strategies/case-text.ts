import type { CaseResult, StrategyResult } from './run.js';
import { counted } from './sweep-text.js';
import { runText } from './text.js';

/** A case for people: a line, and where it failed, the differences and the run below it. */
export function caseText({ name, differences, run, durationMs }: CaseResult): string {
  const line = `  ${differences.length === 0 ? 'ok  ' : 'FAIL'}  ${name} (${Math.round(durationMs)} ms)\n`;
  if (differences.length === 0) return line;
  const below = [...differences, ...runText(run).trimEnd().split('\n')];
  return line + below.map((text) => `        ${text}\n`).join('');
}

/** The last line of a test. */
export function resultText(results: readonly StrategyResult[]): string {
  const cases = results.flatMap((result) => result.cases);
  const failed = cases.filter(({ differences }) => differences.length > 0).length;
  return `${counted(cases.length, 'case')}, ${failed === 0 ? 'all as expected' : `${failed} not as expected`}\n`;
}
