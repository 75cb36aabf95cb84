import type { Findings, Path } from './findings.js';
import type { StepFile } from './schema.js';

const KINDS = ['externalService', 'assign', 'routeTo'] as const;

/** Keys that are allowed with only one kind of step. */
const OWNERS = { waitFor: 'externalService', save: 'externalService', on: 'externalService', go: 'assign' } as const;

/** Likely misspellings of `other`, which no server uses as a FaultCode. */
const MISSPELLED_OTHER = ['othr', 'oter', 'others', 'Other', 'otherwise', 'else', 'default', 'any', '*'];

/** Checks that steps are complete, lead to existing steps, and can be reached. */
export function checkSteps(steps: readonly StepFile[], findings: Findings): void {
  checkIds(steps, findings);
  for (const [index, step] of steps.entries()) {
    checkKind(step, ['steps', index], findings);
    checkOutcomes(step, ['steps', index], findings);
    checkJumps(step, index, steps, findings);
  }
  if (!findings.any) checkReachable(steps, findings);
}

function checkIds(steps: readonly StepFile[], findings: Findings): void {
  const seen = new Set<string>();
  for (const [index, { id }] of steps.entries()) {
    if (seen.has(id)) findings.add(['steps', index, 'id'], `is a duplicate id: ${id}`);
    seen.add(id);
  }
}

function checkKind(step: StepFile, path: Path, findings: Findings): void {
  const kinds = KINDS.filter((kind) => step[kind] !== undefined);
  const [kind, second] = kinds;
  if (kind === undefined) findings.add(path, `must have one of ${KINDS.join(', ')}`);
  if (second !== undefined)
    findings.add([...path, second], `cannot be combined with ${kind}: a step has exactly one of ${KINDS.join(', ')}`);
  for (const key of ['waitFor', 'save', 'on', 'go'] as const) {
    if (step[key] === undefined || kind === undefined || kind === OWNERS[key]) continue;
    const hint = kind === 'externalService' ? '; use on: to continue after externalService' : '';
    findings.add([...path, key], `is only allowed with ${OWNERS[key]}, not ${kind}${hint}`);
  }
  const { externalService } = step;
  if (externalService !== undefined && externalService.appName === undefined && externalService.appType === undefined) {
    findings.add([...path, 'externalService'], 'must have appName or appType, which select the application');
  }
}

function checkOutcomes({ on }: StepFile, path: Path, findings: Findings): void {
  for (const code of Object.keys(on?.fault ?? {})) {
    if (!MISSPELLED_OTHER.includes(code)) continue;
    findings.add([...path, 'on', 'fault', code], 'is not a FaultCode; did you mean other?');
  }
  const branches = on?.response ?? [];
  const all = branches.findIndex(({ when }) => Object.keys(when ?? {}).length === 0);
  if (all >= 0 && all < branches.length - 1) {
    const message = `is unreachable: response[${all}] has no when and matches every response`;
    findings.add([...path, 'on', 'response', all + 1], message);
  }
}

function checkJumps(step: StepFile, index: number, steps: readonly StepFile[], findings: Findings): void {
  const ids = steps.map(({ id }) => id);
  for (const { path, to } of jumps(step, index)) {
    if (!ids.includes(to)) findings.add(path, `refers to an unknown step: ${to}`, ids);
  }
  if (runsOn(step) && index === steps.length - 1) {
    const how = step.externalService === undefined ? 'go:' : 'on.response:';
    findings.add(['steps', index], `(${step.id}) has no next step: add ${how} or a routeTo step after it`);
  }
}

/** The steps that a step refers to. */
function jumps({ go, on }: StepFile, index: number): { path: Path; to: string }[] {
  const path = ['steps', index];
  const named: [Path, string | undefined][] = [
    [['go'], go],
    ...(on?.response ?? []).map((branch, at): [Path, string] => [['on', 'response', at, 'go'], branch.go]),
    ...Object.entries(on?.fault ?? {}).map(([code, to]): [Path, string] => [['on', 'fault', code], to]),
    [['on', 'timeout'], on?.timeout],
    [['on', 'lost'], on?.lost],
  ];
  return named.flatMap(([inStep, to]) => (to === undefined ? [] : [{ path: [...path, ...inStep], to }]));
}

/** Whether a step continues with the next one in the file. */
export function runsOn({ externalService, assign, on, go }: StepFile): boolean {
  if (externalService !== undefined) return on?.response === undefined;
  return assign !== undefined && go === undefined;
}

function checkReachable(steps: readonly StepFile[], findings: Findings): void {
  const reached = new Set<number>();
  const waiting = [0];
  for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
    const step = steps[index];
    if (step === undefined || reached.has(index)) continue;
    reached.add(index);
    for (const { to } of jumps(step, index)) waiting.push(steps.findIndex(({ id }) => id === to));
    if (runsOn(step)) waiting.push(index + 1);
  }
  for (const [index, { id }] of steps.entries()) {
    if (!reached.has(index)) findings.add(['steps', index], `(${id}) is unreachable: no step leads to it`);
  }
}
