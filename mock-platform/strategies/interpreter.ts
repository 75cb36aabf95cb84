import { UnknownDataError } from '../errors.js';
import { holds } from './condition.js';
import type { AskStep, Branch, ServiceRequest, Step, Strategy, WaitFor } from './model.js';
import type { End, Run, RunStep, StepOutcome } from './run.js';
import { fill, fillAll } from './template.js';
import { type DataValues, textOf } from './values.js';

/** Sends the request of a step. Faults are outcomes, not errors. */
export type Ask = (request: ServiceRequest, step: AskStep, data: DataValues) => Promise<StepOutcome>;

/** Options of a run. */
export interface RunOptions {
  /** Maximum runs of one step before the strategy counts as a loop. @default 10 */
  readonly visits?: number | undefined;
  /** A clock, in ms. @default performance.now */
  readonly now?: (() => number) | undefined;
  /** Waits for what a step waits for. Resolves to false after `timeoutMs`. @default steps do not wait */
  readonly waitFor?: ((wanted: WaitFor, timeoutMs: number) => Promise<boolean>) | undefined;
  /** Called before each step. @internal */
  readonly onStep?: ((id: string) => void) | undefined;
}

/** The result of a step: the next step, or the end. */
type Result = { readonly record: RunStep } & ({ readonly go: string } | { readonly end: End });

const VISITS = 10;

/**
 * Runs a strategy until the interaction is routed or there is no next step. `set` overrides its data. A loop ends
 * nowhere. @throws UnknownDataError, or the error of `ask`
 */
export async function runStrategy(
  strategy: Strategy,
  set: DataValues,
  ask: Ask,
  options: RunOptions = {},
): Promise<Run> {
  const { visits = VISITS, now = () => performance.now() } = options;
  const askWhenReady: Ask = async (request, step, data) =>
    (await isReady(step, data, options)) ? ask(request, step, data) : { kind: 'timeout' };
  const before = dataOf(strategy, set);
  const steps: RunStep[] = [];
  const startedAt = now();
  const ended = (end: End): Run => ({
    strategy: strategy.name,
    file: strategy.file,
    before,
    after: steps.at(-1)?.data ?? before,
    steps,
    end,
    durationMs: now() - startedAt,
  });
  for (let step = strategy.steps[0]; ; ) {
    if (steps.filter(({ id }) => id === step.id).length >= visits) return ended(loopEnd(step, steps, visits));
    options.onStep?.(step.id);
    const result = await runStep(step, steps.at(-1)?.data ?? before, askWhenReady, now);
    steps.push(result.record);
    if ('end' in result) return ended(result.end);
    step = find(strategy, result.go);
  }
}

/** Waits for what the step waits for. @returns false if it did not happen in time */
async function isReady({ waitFor, service }: AskStep, data: DataValues, options: RunOptions): Promise<boolean> {
  if (waitFor === undefined || options.waitFor === undefined) return true;
  const filled = Object.entries(waitFor.webhook).map(([name, text]) => [name, textOf(fill(text, data))]);
  return options.waitFor({ ...waitFor, webhook: Object.fromEntries(filled) }, service.timeoutMs);
}

function dataOf({ name, data }: Strategy, set: DataValues): DataValues {
  const unknown = Object.keys(set).find((key) => !Object.hasOwn(data, key));
  if (unknown !== undefined) {
    throw new UnknownDataError(name, unknown, Object.keys(data));
  }
  return { ...data, ...set };
}

function find({ steps, file }: Strategy, id: string): Step {
  const step = steps.find((one) => one.id === id);
  if (step === undefined) throw new Error(`${file} has no step ${id}`);
  return step;
}

function loopEnd(step: Step, steps: readonly RunStep[], visits: number): End {
  const from = steps.findLastIndex(({ id }) => id === step.id);
  const loop = [...steps.slice(from).map(({ id }) => id), step.id].join(' -> ');
  const why = `ran ${visits} times: the strategy loops (${loop})`;
  return { kind: 'nowhere', step: step.id, why };
}

async function runStep(step: Step, data: DataValues, ask: Ask, now: () => number): Promise<Result> {
  const startedAt = now();
  const { id } = step;
  if (step.kind === 'externalService') return runAsk(step, data, ask, now);
  if (step.kind === 'assign') {
    const assigned = fillAll(step.assign, data);
    const record = { id, kind: step.kind, assigned, next: step.go, durationMs: now() - startedAt };
    return { record: { ...record, data: { ...data, ...assigned } }, go: step.go };
  }
  const routedTo = textOf(fill(step.routeTo, data));
  const record = { id, kind: step.kind, routedTo, durationMs: now() - startedAt, data };
  if (routedTo !== '') return { record, end: { kind: 'routed', step: id, routedTo } };
  return { record, end: { kind: 'nowhere', step: id, why: `routeTo ${step.routeTo} is empty` } };
}

async function runAsk(step: AskStep, data: DataValues, ask: Ask, now: () => number): Promise<Result> {
  const startedAt = now();
  const sent = requestOf(step, data);
  const outcome = await ask(sent, step, data);
  const after = step.save === undefined ? data : { ...data, [step.save]: parametersOf(outcome) };
  const taken = take(step, outcome, after);
  const record = { id: step.id, kind: step.kind, sent, outcome, durationMs: now() - startedAt, data: after };
  if (!('go' in taken)) return { record, end: { kind: 'nowhere', step: step.id, why: taken.why } };
  return { record: { ...record, branch: taken.branch, next: taken.go }, go: taken.go };
}

function requestOf({ service }: AskStep, data: DataValues): ServiceRequest {
  const userData = service.userData === undefined ? {} : { userData: fillAll(service.userData, data) };
  return { ...service, parameters: fillAll(service.parameters, data), ...userData };
}

/** The Parameters of the reply, if any. */
function parametersOf(outcome: StepOutcome): DataValues {
  if (outcome.kind === 'response') return outcome.parameters;
  return outcome.kind === 'fault' ? { FaultCode: outcome.code, FaultString: outcome.text } : {};
}

/** Selects the next step for an outcome, or explains why none follows. */
function take(step: AskStep, outcome: StepOutcome, data: DataValues): { branch: string; go: string } | { why: string } {
  switch (outcome.kind) {
    case 'response': {
      const branch = branchOf(step, outcome.parameters, data);
      return branch === undefined
        ? { why: 'no branch of on.response matches the response' }
        : { branch: branch.name, go: branch.go };
    }
    case 'fault':
      return takeFault(step, outcome.code);
    case 'timeout':
      return step.timeout === undefined
        ? { why: 'the request timed out, and there is no on.timeout' }
        : { branch: 'on.timeout', go: step.timeout };
    default:
      return takeLost(step);
  }
}

/** The first branch whose conditions all hold. `data` contains the reply if the step saves it. */
export const branchOf = (step: AskStep, reply: DataValues, data: DataValues): Branch | undefined =>
  step.branches.find(({ when }) => when.every((condition) => holds(condition, reply, data)));

function takeFault({ fault }: AskStep, code: string): { branch: string; go: string } | { why: string } {
  for (const key of [code, 'other']) {
    const go = Object.hasOwn(fault, key) ? fault[key] : undefined;
    if (go !== undefined) return { branch: `on.fault.${key}`, go };
  }
  return { why: `on.fault has neither ${code} nor other` };
}

/** Falls back to `timeout`: to the caller, a lost connection looks like a late server. */
function takeLost({ lost, timeout }: AskStep): { branch: string; go: string } | { why: string } {
  if (lost !== undefined) return { branch: 'on.lost', go: lost };
  if (timeout !== undefined) return { branch: 'on.timeout', go: timeout };
  return { why: 'the connection was lost, and there is neither on.lost nor on.timeout' };
}
