import { listFromJson } from 'esp-host/wire';
import { type MeantParameters, parameterMatcher } from '../matching.js';
import type { JournalEntry, Outcome } from './entry.js';

/** What entries must have; what is left out may be anything. */
export interface Expected {
  readonly service?: string;
  readonly method?: string;
  readonly application?: string;
  /** As asked for. */
  readonly appName?: string;
  readonly client?: string;
  readonly outcome?: Outcome;
  readonly faultCode?: string;
  /** Somewhere in the request, the reply, a log line or an upstream call, in any case of letters. */
  readonly text?: string;
  /** Of the request. */
  readonly parameters?: MeantParameters;
  /** Not before this time, in ms since 1970. */
  readonly since?: number;
}

/** Selects entries of the journal. */
export interface JournalFilter extends Expected {
  /** Only those that came before the entry with this id. */
  readonly before?: number;
  /** Most entries; default 100. */
  readonly limit?: number;
}

const PLAIN = ['service', 'method', 'application', 'appName', 'client', 'outcome', 'faultCode'] as const;

/** Tells whether an entry is as expected. @throws PatternError */
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
