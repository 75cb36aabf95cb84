import { type KeyValueEntry, type KeyValueList, listFromJson, textOf } from 'esp-host/wire';
import { type TextPattern, textPattern } from '../text-pattern.js';
import type { JournalEntry, Outcome } from './entry.js';

/** What entries must have; what is left out may be anything. */
export interface Expected {
  readonly service?: string;
  readonly method?: string;
  readonly application?: string;
  readonly client?: string;
  readonly outcome?: Outcome;
  readonly faultCode?: string;
  /** Somewhere in the request, the reply, a log line or an upstream call, in any case of letters. */
  readonly text?: string;
  /** Of the request: each key's first value, as a text, as a `/pattern/`, or as the number of an int. */
  readonly parameters?: Readonly<Record<string, string | number>>;
  /** Not before this time, in ms since 1970. */
  readonly since?: number;
}

export interface JournalFilter extends Expected {
  /** Most entries; default 100. */
  readonly limit?: number;
}

const PLAIN = ['service', 'method', 'application', 'client', 'outcome', 'faultCode'] as const;

/** Tells whether an entry is as expected. @throws PatternError */
export function matcher(expected: Expected): (entry: JournalEntry) => boolean {
  const plain = PLAIN.filter((name) => expected[name] !== undefined);
  const text = expected.text?.toLowerCase();
  const parameters = parameterMatcher(expected.parameters ?? {});
  return (entry) =>
    entry.at >= (expected.since ?? 0) &&
    plain.every((name) => entry[name] === expected[name]) &&
    parameters(() => parametersOf(entry)) &&
    (text === undefined || textIn(entry).includes(text));
}

/** Tells whether the parameters of a request are as meant; those are asked for only if there is something to look at. */
export function parameterMatcher(
  meant: Readonly<Record<string, string | number>>,
): (parameters: () => KeyValueList | undefined) => boolean {
  const patterns = Object.entries(meant).map(([key, value]): [string, TextPattern] => [key, textPattern(`${value}`)]);
  return (parameters) => {
    if (patterns.length === 0) return true;
    const list = parameters();
    return patterns.every(([key, fits]) => {
      const text = valueText(list?.find(key));
      return text !== undefined && fits(text);
    });
  };
}

const valueText = (entry: KeyValueEntry | undefined): string | undefined =>
  entry?.type === 'int' ? String(entry.value) : entry && textOf(entry);

function parametersOf({ request }: JournalEntry): KeyValueList | undefined {
  const found = listFromJson(request.json?.request ?? []).find('Parameters');
  return found?.type === 'list' ? found.value : undefined;
}

function textIn({ request, reply, logs, upstream, faultText, why }: JournalEntry): string {
  return JSON.stringify([request.json, reply?.json, logs, upstream, faultText, why]).toLowerCase();
}
