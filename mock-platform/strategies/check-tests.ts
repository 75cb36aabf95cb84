import { FaultRuleError } from '../errors.js';
import { parseFaultRule } from '../faults/index.js';
import type { Findings, Path } from './findings.js';
import type { StrategyFile } from './schema.js';

/** Checks that the cases of `tests` refer to existing data, steps and targets. */
export function checkTests({ data, steps, tests }: StrategyFile, findings: Findings): void {
  const ids = steps.map(({ id }) => id);
  const asking = steps.flatMap(({ id, externalService }) => (externalService === undefined ? [] : [id]));
  const targets = steps.flatMap(({ routeTo }) => routeTo ?? []);
  const known = (path: Path, name: string, what: string, names: readonly string[]): void => {
    if (!names.includes(name))
      findings.add(path, `is not a ${what} (known: ${names.join(', ') || 'none'})`, names, name);
  };
  for (const [index, { set, faults, clock, expect }] of tests.entries()) {
    const path = ['tests', index];
    checkFaults(faults, [...path, 'faults'], findings);
    for (const id of Object.keys(clock?.advanceMs ?? {})) known([...path, 'clock', 'advanceMs', id], id, 'step', ids);
    for (const name of Object.keys(set)) known([...path, 'set', name], name, 'name in data', Object.keys(data));
    for (const [at, id] of (expect.path ?? []).entries()) known([...path, 'expect', 'path', at], id, 'step', ids);
    for (const id of Object.keys(expect.sent ?? {})) {
      known([...path, 'expect', 'sent', id], id, 'step with externalService', asking);
    }
    if (expect.nowhere !== undefined) known([...path, 'expect', 'nowhere'], expect.nowhere, 'step', ids);
    if (expect.routedTo !== undefined && !targets.some((target) => target.includes('{{'))) {
      known([...path, 'expect', 'routedTo'], expect.routedTo, 'routeTo target', targets);
    }
    checkExpectation(expect, [...path, 'expect'], findings);
  }
  checkCaseNames(tests, findings);
}

/** A kind with a dot is one of a mock, which is known when the platform runs. */
function checkFaults(faults: StrategyFile['tests'][number]['faults'], path: Path, findings: Findings): void {
  for (const [index, fault] of faults.entries()) {
    if (fault.kind.includes('.')) continue;
    try {
      parseFaultRule(fault);
    } catch (error) {
      if (!(error instanceof FaultRuleError)) throw error;
      findings.add([...path, index], `is not valid: ${error.message}`, [], '');
    }
  }
}

function checkExpectation(expect: StrategyFile['tests'][number]['expect'], path: Path, findings: Findings): void {
  if (Object.values(expect).every((one) => one === undefined)) {
    findings.add(path, 'must have at least one of routedTo, nowhere, path, sent and data');
  }
  if (expect.routedTo !== undefined && expect.nowhere !== undefined) {
    findings.add([...path, 'nowhere'], 'cannot be combined with routedTo');
  }
}

function checkCaseNames(tests: StrategyFile['tests'], findings: Findings): void {
  const seen = new Set<string>();
  for (const [index, { name }] of tests.entries()) {
    if (seen.has(name)) findings.add(['tests', index, 'name'], 'is a duplicate name');
    seen.add(name);
  }
}
