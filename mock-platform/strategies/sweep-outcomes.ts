import type { SampleResponses } from 'esp-host';
import { type EspFault, faults } from '#wire';
import { samples } from './condition.js';
import { branchOf } from './interpreter.js';
import type { AskStep, ServiceRequest } from './model.js';
import type { StepOutcome } from './run.js';
import { outcomeText } from './text.js';
import type { DataValues } from './values.js';

/** An outcome to force, with its label in the table. */
export interface Forced {
  readonly outcome: StepOutcome;
  readonly label: string;
}

/** The outcomes of a step; `cut` if there are more than MAX_REPLIES replies to try. */
export interface StepOutcomes {
  readonly outcomes: readonly Forced[];
  readonly cut: boolean;
}

/** Maximum number of generated replies to try for one step. */
const MAX_REPLIES = 10_000;

/** Sample responses by `Service.Method`. */
export type Samples = Readonly<Record<string, SampleResponses>>;

/** The outcomes to try for a step: responses, faults, timeout and lost connection. */
export function outcomesOf(request: ServiceRequest, step: AskStep, data: DataValues, known: Samples): StepOutcomes {
  const { outcomes, cut } = responses(step, data, sampleResponses(request, known));
  const others: Forced[] = [
    ...faultsOf(request, step),
    { outcome: { kind: 'timeout' }, label: 'timeout' },
    { outcome: { kind: 'lost' }, label: 'connection lost' },
  ];
  return { outcomes: [...outcomes, ...others], cut };
}

/** Sample responses, then one for each remaining branch, and one that matches no branch, if possible. */
function responses(step: AskStep, data: DataValues, known: readonly ForcedResponse[]): StepOutcomes {
  const branch = (reply: DataValues): string | undefined => {
    const saved = step.save === undefined ? data : { ...data, [step.save]: reply };
    return branchOf(step, reply, saved)?.name;
  };
  const outcomes = [...known];
  const taken = new Set(known.map(({ outcome }) => branch(outcome.parameters)));
  let tries = 0;
  for (const reply of replies([...trialsOf(step, data)])) {
    if (taken.size > step.branches.length) break;
    if (++tries > MAX_REPLIES) return { outcomes, cut: true };
    const name = branch(reply);
    if (!taken.has(name)) outcomes.push(responseOf(reply));
    taken.add(name);
  }
  return { outcomes, cut: false };
}

type ForcedResponse = Forced & { readonly outcome: { readonly kind: 'response' } };

function responseOf(parameters: DataValues, note?: string): ForcedResponse {
  const outcome = { kind: 'response', parameters } as const;
  return { outcome, label: note === undefined ? outcomeText(outcome) : `${outcomeText(outcome)} (${note})` };
}

function sampleResponses({ service, method, parameters }: ServiceRequest, known: Samples): ForcedResponse[] {
  const name = `${service}.${method}`;
  const samples = Object.hasOwn(known, name) ? known[name]?.(parameters) : undefined;
  return (samples ?? []).map(({ parameters, note }) => responseOf(parameters, note));
}

/** Sample values for each compared parameter, matching or not, and undefined for its absence. */
function trialsOf(step: AskStep, data: DataValues): Map<string, (string | undefined)[]> {
  const trials = new Map<string, (string | undefined)[]>();
  for (const condition of step.branches.flatMap(({ when }) => when)) {
    if (condition.subject.of !== 'reply') continue;
    const { name } = condition.subject;
    const known = trials.get(name)?.slice(0, -1) ?? [];
    trials.set(name, [...new Set([...known, ...samples(condition, data)]), undefined]);
  }
  return trials;
}

/** Generates every combination of the sample values. */
function* replies([trial, ...rest]: readonly [string, readonly (string | undefined)[]][]): Generator<DataValues> {
  if (trial === undefined) return yield {};
  const [name, values] = trial;
  for (const reply of replies(rest)) {
    for (const value of values) yield value === undefined ? reply : withValue(reply, name.split('.'), value);
  }
}

function withValue(values: DataValues, [name = '', ...rest]: readonly string[], value: string): DataValues {
  if (rest.length === 0) return { ...values, [name]: value };
  const inner = values[name];
  return { ...values, [name]: withValue(typeof inner === 'object' ? inner : {}, rest, value) };
}

/** The faults of a host, and those named by the strategy. */
function faultsOf({ service, method, appName = '' }: ServiceRequest, { fault }: AskStep): Forced[] {
  const name = `${service}.${method}`;
  const texts = new Map(hostFaults(name, appName).map(({ code, message }) => [code, message]));
  for (const code of Object.keys(fault))
    if (code !== 'other' && !texts.has(code)) texts.set(code, 'forced by the sweep');
  return [...texts].map(([code, text]) => ({ outcome: { kind: 'fault', code, text }, label: `fault ${code}` }));
}

const hostFaults = (name: string, application: string): EspFault[] => [
  faults.invalidRequest(),
  faults.unknownMethod(name),
  faults.incorrectParameter(name, 'parameters', 'refused'),
  faults.connectionFailed(application, 'upstream'),
  faults.upstreamFailed(application, name, 'status 500'),
  faults.unexpected(name, undefined),
];
