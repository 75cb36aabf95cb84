import { UnknownDataError } from '../errors.js';
import { holds } from './condition.js';
import type { AskStep, Branch, ServiceRequest, Step, Strategy } from './model.js';
import type { End, Run, RunStep, StepOutcome } from './run.js';
import { fill, fillAll } from './template.js';
import { type DataValues, textOf } from './values.js';

/** Asks for a step, with the interaction's data as it is then; a fault is an outcome as any other. */
export type Ask = (request: ServiceRequest, step: AskStep, data: DataValues) => Promise<StepOutcome>;

/** Options of {@link runStrategy}. */
export interface RunOptions {
  /** How often one step may run before the strategy counts as going round in circles. */
  readonly visits?: number | undefined;
  /** A clock in milliseconds. */
  readonly now?: (() => number) | undefined;
}

/** How a step came out: the step to go on with, or the end. */
type Result = { readonly record: RunStep } & ({ readonly go: string } | { readonly end: End });

const VISITS = 10;

/**
 * Runs a strategy with `set` in place of its data, step by step until the interaction is routed or nothing leads on.
 * It always ends: a strategy that goes round in circles ends nowhere. @throws UnknownDataError, or what `ask` throws
 */
export async function runStrategy(
  strategy: Strategy,
  set: DataValues,
  ask: Ask,
  options: RunOptions = {},
): Promise<Run> {
  const { visits = VISITS, now = () => performance.now() } = options;
  const before = dataOf(strategy, set);
  const steps: RunStep[] = [];
  const began = now();
  const ended = (end: End): Run => ({
    strategy: strategy.name,
    file: strategy.file,
    before,
    after: steps.at(-1)?.data ?? before,
    steps,
    end,
    durationMs: now() - began,
  });
  for (let step = strategy.steps[0]; ; ) {
    if (steps.filter(({ id }) => id === step.id).length >= visits) return ended(circle(step, steps, visits));
    const result = await runStep(step, steps.at(-1)?.data ?? before, ask, now);
    steps.push(result.record);
    if ('end' in result) return ended(result.end);
    step = find(strategy, result.go);
  }
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

function circle(step: Step, steps: readonly RunStep[], visits: number): End {
  const from = steps.findLastIndex(({ id }) => id === step.id);
  const round = [...steps.slice(from).map(({ id }) => id), step.id].join(' -> ');
  const why = `it ran ${visits} times: the strategy goes round in circles (${round})`;
  return { kind: 'nowhere', step: step.id, why };
}

async function runStep(step: Step, data: DataValues, ask: Ask, now: () => number): Promise<Result> {
  const began = now();
  const { id } = step;
  if (step.kind === 'externalService') return runAsk(step, data, ask, now);
  if (step.kind === 'assign') {
    const assigned = fillAll(step.assign, data);
    const record = { id, kind: step.kind, assigned, went: step.go, durationMs: now() - began };
    return { record: { ...record, data: { ...data, ...assigned } }, go: step.go };
  }
  const routedTo = textOf(fill(step.routeTo, data));
  const record = { id, kind: step.kind, routedTo, durationMs: now() - began, data };
  if (routedTo !== '') return { record, end: { kind: 'routed', step: id, routedTo } };
  return { record, end: { kind: 'nowhere', step: id, why: `routeTo ${step.routeTo} came out empty` } };
}

async function runAsk(step: AskStep, data: DataValues, ask: Ask, now: () => number): Promise<Result> {
  const began = now();
  const sent = requestOf(step, data);
  const came = await ask(sent, step, data);
  const after = step.save === undefined ? data : { ...data, [step.save]: parametersOf(came) };
  const taken = take(step, came, after);
  const record = { id: step.id, kind: step.kind, sent, came, durationMs: now() - began, data: after };
  if (!('go' in taken)) return { record, end: { kind: 'nowhere', step: step.id, why: taken.why } };
  return { record: { ...record, branch: taken.branch, went: taken.go }, go: taken.go };
}

function requestOf({ service }: AskStep, data: DataValues): ServiceRequest {
  const userData = service.userData === undefined ? {} : { userData: fillAll(service.userData, data) };
  return { ...service, parameters: fillAll(service.parameters, data), ...userData };
}

/** The Parameters of the reply; none where none came. */
function parametersOf(came: StepOutcome): DataValues {
  if (came.kind === 'response') return came.parameters;
  return came.kind === 'fault' ? { FaultCode: came.code, FaultString: came.text } : {};
}

/** The way on from a step after an outcome, or why there is none. */
function take(step: AskStep, came: StepOutcome, data: DataValues): { branch: string; go: string } | { why: string } {
  switch (came.kind) {
    case 'response': {
      const branch = branchOf(step, came.parameters, data);
      return branch === undefined
        ? { why: 'no branch of on.response takes this response' }
        : { branch: branch.name, go: branch.go };
    }
    case 'fault':
      return takeFault(step, came.code);
    case 'timeout':
      return step.timeout === undefined
        ? { why: 'no response came in time, and there is no on.timeout' }
        : { branch: 'on.timeout', go: step.timeout };
    default:
      return takeLost(step);
  }
}

/** The branch that a response takes: the first whose conditions all hold. `data` has the response, where it is saved. */
export const branchOf = (step: AskStep, reply: DataValues, data: DataValues): Branch | undefined =>
  step.branches.find(({ when }) => when.every((condition) => holds(condition, reply, data)));

function takeFault({ fault }: AskStep, code: string): { branch: string; go: string } | { why: string } {
  for (const key of [code, 'other']) {
    const go = Object.hasOwn(fault, key) ? fault[key] : undefined;
    if (go !== undefined) return { branch: `on.fault.${key}`, go };
  }
  return { why: `on.fault has neither ${code} nor other` };
}

/** Who hears nothing more cannot tell a lost connection from a server that is late. */
function takeLost({ lost, timeout }: AskStep): { branch: string; go: string } | { why: string } {
  if (lost !== undefined) return { branch: 'on.lost', go: lost };
  if (timeout !== undefined) return { branch: 'on.timeout', go: timeout };
  return { why: 'the connection was lost, and there is neither on.lost nor on.timeout' };
}
