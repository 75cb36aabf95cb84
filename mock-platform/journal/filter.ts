import { listFromJson } from '#wire';
import { type MeantParameters, parameterMatcher } from '../matching.js';
import type { JournalEntry, Outcome } from './entry.js';

/** Conditions on an entry. Omitted properties match anything. */
export interface Expected {
  readonly service?: string;
  readonly method?: string;
  readonly application?: string;
  /** AppName of the request. */
  readonly appName?: string;
  readonly client?: string;
  readonly outcome?: Outcome;
  readonly faultCode?: string;
  /** Text in the request, the reply, a log line or an upstream call, case-insensitive. */
  readonly text?: string;
  /** Parameters of the request. */
  readonly parameters?: MeantParameters;
  /** The earliest time, in ms since 1970. */
  readonly since?: number;
}

/** Selects journal entries. */
export interface JournalFilter extends Expected {
  /** Only entries with a smaller id. @default all */
  readonly before?: number;
  /** Maximum number of entries. @default 100 */
  readonly limit?: number;
}

const PLAIN = ['service', 'method', 'application', 'appName', 'client', 'outcome', 'faultCode'] as const;

/** Returns a predicate for the conditions. @throws PatternError */
export function matcher(expected: Expected): (entry: JournalEntry) => boolean {
  const plain = PLAIN.filter((name) => expected[name] !== undefined);
  const text = expected.text?.toLowerCase();
  const parameters = expected.parameters === undefined ? undefined : parameterMatcher(expected.parameters);
  return (entry) =>
    entry.at >= (expected.since ?? 0) &&
    plain.every((name) => entry[name] === expected[name]) &&
    (parameters === undefined || parameters(listFromJson(entry.request.json?.request ?? []))) &&
    (text === undefined || textIn(entry).includes(text));
}

function textIn({ request, reply, logs, upstream, faultText, why }: JournalEntry): string {
  return JSON.stringify([request.json, reply?.json, logs, upstream, faultText, why]).toLowerCase();
}
