import type { StrategyRun } from '../api/types.js';
import type { Link } from './layers.js';

/** The data that a run starts with, as typed by the user. */
export type DataValues = Readonly<Record<string, string>>;

type Data = Readonly<Record<string, unknown>>;

export const startValues = (data: Data): DataValues =>
  Object.fromEntries(Object.entries(data).map(([name, value]) => [name, textOf(value)]));

/** The start data, with what was typed for names that the strategy has. */
export const shownValues = (data: Data, typed: DataValues = {}): DataValues =>
  Object.fromEntries(Object.entries(startValues(data)).map(([name, value]) => [name, typed[name] ?? value]));

const textOf = (value: unknown): string =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);

/** The values that differ from the strategy's own, as numbers and lists where its own are. */
export function setOf(values: DataValues, data: Data): Record<string, unknown> {
  const changed = Object.entries(values).filter(([name, text]) => textOf(data[name]) !== text);
  return Object.fromEntries(changed.map(([name, text]) => [name, dataValue(text, data[name])]));
}

function dataValue(text: string, own: unknown): unknown {
  if (typeof own === 'number' && /^-?\d{1,10}$/.test(text)) return Number(text);
  if (typeof own !== 'object') return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** How often a run passed a step, and its first position (from 1); undefined: never. */
export function visitsOf(run: StrategyRun | undefined, id: string): { first: number; count: number } | undefined {
  const first = run?.steps.findIndex((step) => step.id === id) ?? -1;
  if (run === undefined || first < 0) return undefined;
  return { first: first + 1, count: run.steps.filter((step) => step.id === id).length };
}

/** Whether a run followed a link. */
export const isTaken = (run: StrategyRun | undefined, { from, to }: Pick<Link, 'from' | 'to'>): boolean =>
  run?.steps.some((step) => step.id === from && step.next === to) ?? false;

/** The result of a step, for its colour; a missing answer is also a `fault`. */
export function resultOf(run: StrategyRun | undefined, id: string): 'good' | 'fault' | undefined {
  const last = run?.steps.findLast((step) => step.id === id);
  if (last === undefined) return undefined;
  return last.outcome === undefined || last.outcome.kind === 'response' ? 'good' : 'fault';
}
