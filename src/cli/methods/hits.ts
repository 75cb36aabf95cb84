import type { CallingStep } from '../mock.js';
import type { Change } from './change.js';
import { takes } from './field-type.js';
import { withInner } from './fields.js';
import type { Reference } from './reference.js';

/** A step that a change concerns. */
export interface Hit {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly strategy: string;
  readonly step: string;
  /** What the step does that the change concerns: `does not send Currency`. */
  readonly why: string;
}

/** A change, and the steps that it concerns. */
export interface ChangeWithHits extends Change {
  readonly steps: readonly Hit[];
}

/** Adds the steps that each change concerns. */
export function withHits(
  changes: readonly Change[],
  older: Reference,
  newer: Reference,
  steps: readonly CallingStep[],
): ChangeWithHits[] {
  const ours = steps.filter((step) => isAddressed(step, older));
  return changes.map((change) => ({
    ...change,
    steps: ours.flatMap((step): Hit[] => {
      if (change.method !== undefined && change.method !== `${step.service}.${step.method}`) return [];
      const why = whyHit(change, step, newer);
      const { file, line, column, strategy, id } = step;
      return why === undefined ? [] : [{ file, line, column, strategy, step: id, why }];
    }),
  }));
}

/** Whether a step calls this application: AppName has precedence. */
function isAddressed({ appName, appType }: CallingStep, { application: { name, type, typeName } }: Reference): boolean {
  if (appName !== undefined) return appName === name || appName.includes('{{');
  return [String(type), typeName].includes(String(appType)) || String(appType).includes('{{');
}

/** Undefined if the change does not concern the step. */
function whyHit(change: Change, step: CallingStep, newer: Reference): string | undefined {
  const { kind, subject = '' } = change;
  switch (kind) {
    case 'application':
      return isAddressed(step, newer) ? undefined : `calls ${step.appName ?? `the type ${step.appType}`}`;
    case 'method-removed':
      return 'calls it';
    case 'idempotent':
      return change.breaks ? 'calls it' : undefined;
    case 'fault-added':
      return step.faults.some((code) => code === subject || code === 'other')
        ? undefined
        : `has neither on.fault.${subject} nor on.fault.other`;
    case 'deadline':
      return timesOut(step, change, newer);
    case 'parameter-added':
    case 'parameter-required':
      return change.breaks && omits(step, subject) ? `does not send ${subject}` : undefined;
    case 'parameter-default':
      return omits(step, subject) ? `does not send ${subject}` : undefined;
    case 'parameter-removed':
      return valueAt(step, subject) === undefined ? undefined : `sends ${subject}`;
    case 'parameter-type':
      return change.breaks ? refusedValue(step, change, newer) : undefined;
    case 'result-removed':
    case 'result-optional':
    case 'result-type':
    case 'result-repeated':
      return change.breaks && reads(step, subject) ? `reads ${subject}` : undefined;
    default:
      return undefined;
  }
}

const methodOf = (name: string | undefined, { methods }: Reference) =>
  methods.find(({ service, method }) => `${service}.${method}` === name);

function timesOut({ timeoutMs }: CallingStep, { method }: Change, newer: Reference): string | undefined {
  const deadlineMs = methodOf(method, newer)?.deadlineMs ?? 0;
  return timeoutMs <= deadlineMs ? `times out after ${timeoutMs} ms, before the deadline` : undefined;
}

/** A parameter that a step sends. A template in place of a list may contain anything. */
const valueAt = ({ parameters }: CallingStep, path: string): unknown =>
  path.split('.').reduce<unknown>((at, key) => {
    if (isTemplate(at)) return at;
    return typeof at === 'object' && at !== null && Object.hasOwn(at, key)
      ? (at as Record<string, unknown>)[key]
      : undefined;
  }, parameters);

const isTemplate = (value: unknown): boolean => typeof value === 'string' && value.includes('{{');

/** Whether a step sends the list of a parameter without the parameter. */
function omits(step: CallingStep, path: string): boolean {
  const list = path.slice(0, Math.max(0, path.lastIndexOf('.')));
  const isSent = list === '' || valueAt(step, list) !== undefined;
  return isSent && valueAt(step, path) === undefined;
}

function refusedValue(step: CallingStep, { method, subject = '' }: Change, newer: Reference): string | undefined {
  const value = valueAt(step, subject);
  if (value === undefined) return undefined;
  const now = withInner(methodOf(method, newer)?.parameters ?? []).find(({ path }) => path === subject);
  if (!isTemplate(value) && now !== undefined && takes(now.field, value)) return undefined;
  return `sends ${subject}: ${JSON.stringify(value)}`;
}

/** Whether a strategy reads a result, a key of it, or the list that contains it. */
const reads = ({ reads: all }: CallingStep, path: string): boolean =>
  all.some((read) => read === path || read.startsWith(`${path}.`) || path.startsWith(`${read}.`));
