import type { Findings, Path } from './findings.js';
import type { StepFile } from './schema.js';

const KINDS = ['externalService', 'assign', 'routeTo'] as const;

/** The keys that make sense with one kind of step alone. */
const BELONGS = { save: 'externalService', on: 'externalService', go: 'assign' } as const;

/** Codes may be any text, but no server has these. */
const MEANS_OTHER = ['othr', 'oter', 'others', 'Other', 'otherwise', 'else', 'default', 'any', '*'];

/** Checks that steps are whole, that each leads to steps that there are, and that each can be reached. */
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
    if (seen.has(id)) findings.add(['steps', index, 'id'], `is the id of another step too: ${id}`);
    seen.add(id);
  }
}

function checkKind(step: StepFile, path: Path, findings: Findings): void {
  const kinds = KINDS.filter((kind) => step[kind] !== undefined);
  const [kind, second] = kinds;
  if (kind === undefined) findings.add(path, `does nothing: write one of ${KINDS.join(', ')}`);
  if (second !== undefined) findings.add([...path, second], `is one too many: a step has one of ${KINDS.join(', ')}`);
  for (const key of ['save', 'on', 'go'] as const) {
    if (step[key] === undefined || kind === undefined || kind === BELONGS[key]) continue;
    const hint = kind === 'externalService' ? '; an externalService leads on in on:' : '';
    findings.add([...path, key], `belongs to ${BELONGS[key]}, and this step has ${kind}${hint}`);
  }
  const { externalService } = step;
  if (externalService !== undefined && externalService.appName === undefined && externalService.appType === undefined) {
    findings.add(
      [...path, 'externalService'],
      'needs appName or appType: by it Interaction Server finds the application',
    );
  }
}

function checkOutcomes({ on }: StepFile, path: Path, findings: Findings): void {
  for (const code of Object.keys(on?.fault ?? {})) {
    if (!MEANS_OTHER.includes(code)) continue;
    findings.add([...path, 'on', 'fault', code], 'is no FaultCode; did you mean other, for all that are not named?');
  }
  const branches = on?.response ?? [];
  const all = branches.findIndex(({ when }) => Object.keys(when ?? {}).length === 0);
  if (all >= 0 && all < branches.length - 1) {
    const message = `is never taken: response[${all}] has no when and takes every response that comes so far`;
    findings.add([...path, 'on', 'response', all + 1], message);
  }
}

function checkJumps(step: StepFile, index: number, steps: readonly StepFile[], findings: Findings): void {
  const ids = steps.map(({ id }) => id);
  for (const { path, to } of jumps(step, index)) {
    if (!ids.includes(to)) findings.add(path, `leads to no step: there is none with the id ${to}`, ids);
  }
  if (runsOn(step) && index === steps.length - 1) {
    const how = step.externalService === undefined ? 'go:' : 'on.response:';
    findings.add(['steps', index], `(${step.id}) falls off the end: give it ${how}, or a routeTo step behind it`);
  }
}

/** Every step that a step names as the one to go on with. */
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

/** Whether a step goes on with the one behind it. */
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
    if (!reached.has(index)) findings.add(['steps', index], `(${id}) can't be reached: nothing leads to it`);
  }
}
