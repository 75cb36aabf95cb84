import { OUTCOMES, type Outcome, type Summary } from '../api/types.js';
import { listText } from '../message/entries.js';

/** Selects the entries to show. */
export interface Filter {
  readonly matches: (entry: Summary, found?: Found) => boolean;
  /** Error messages of invalid terms, which are ignored. */
  readonly problems: readonly string[];
  readonly isEmpty: boolean;
  /** The texts that entries may also have where the list doesn't show it. */
  readonly texts: readonly string[];
}

/** The entries that have each text anywhere, as the platform found them. */
export type Found = ReadonlyMap<string, ReadonlySet<number>>;

type Test = (entry: Summary, found?: Found) => boolean;

/** The test of a term, or the error in its value. */
type Term = (value: string) => Test | string;

const contains =
  (read: (entry: Summary) => string | undefined): Term =>
  (value) => {
    const wanted = value.toLowerCase();
    return (entry) => read(entry)?.toLowerCase().includes(wanted) === true;
  };

const TERMS: ReadonlyMap<string, Term> = new Map(
  Object.entries({
    service: contains((entry) => entry.service),
    method: contains((entry) => entry.method),
    application: contains((entry) => entry.application),
    client: contains((entry) => `${entry.client} ${entry.via ?? ''}`),
    stub: contains((entry) => entry.stub),
    injected: contains((entry) => entry.injectedFault),
    outcome: outcomeTerm,
    code: codeTerm,
    since: (value) => timeTerm('since', value, (at, bound) => at >= bound),
    until: (value) => timeTerm('until', value, (at, bound) => at <= bound),
    id: (value) => (/^\d+$/.test(value) ? (entry) => entry.id === Number(value) : `id:${value}: takes a number`),
    ms: durationTerm,
  } satisfies Record<string, Term>),
);

/** The names of the terms, such as `service`. */
export const TERM_NAMES: readonly string[] = [...TERMS.keys()];

function outcomeTerm(value: string): Test | string {
  const wanted = OUTCOMES.filter((outcome) => outcome.startsWith(value.toLowerCase()));
  if (wanted.length === 0) return `outcome:${value}: takes one of ${OUTCOMES.join(', ')}`;
  return (entry) => wanted.includes(entry.outcome as Outcome);
}

function durationTerm(value: string): Test | string {
  const [, sign, number] = /^([<>]?)(\d+(?:\.\d+)?)$/.exec(value) ?? [];
  if (number === undefined) return `ms:${value}: takes a number, such as ms:>100 or ms:<5`;
  const bound = Number(number);
  return ({ durationMs }) => {
    if (durationMs === null) return false;
    if (sign === '<') return durationMs < bound;
    return sign === '>' ? durationMs > bound : Math.floor(durationMs) === bound;
  };
}

/** A FaultCode, such as `904`, or numbers from one to another, such as `900-920`. */
function codeTerm(value: string): Test | string {
  const [, from, to] = /^(\d{1,9})-(\d{1,9})$/.exec(value) ?? [];
  if (from === undefined) return ({ faultCode }) => faultCode !== undefined && String(faultCode) === value;
  if (Number(from) > Number(to)) return `code:${value}: matches nothing; write code:${to}-${from}`;
  return ({ faultCode }) => Number(faultCode) >= Number(from) && Number(faultCode) <= Number(to);
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** A time of today, such as `14:05` or `14:05:30`, or a time ago, such as `90s`, `5m` or `2h`. */
function timeTerm(name: string, value: string, compare: (at: number, bound: number) => boolean): Test | string {
  const [, amount, unit = ''] = /^(\d{1,6})([smh])$/.exec(value) ?? [];
  if (amount !== undefined) {
    const ms = Number(amount) * (UNITS[unit] ?? 0);
    return ({ at }) => compare(at, Date.now() - ms);
  }
  const [, hours, minutes, seconds = '0'] = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(value) ?? [];
  if (hours === undefined)
    return `${name}:${value}: takes a time such as ${name}:14:05, or a time ago such as ${name}:5m`;
  const bound = new Date().setHours(Number(hours), Number(minutes), Number(seconds), 0);
  return ({ at }) => compare(at, bound);
}

/** Words and `"quoted words"`, optionally after `name:`, and after `-` to negate them. */
const TERM = /(-?)(?:([A-Za-z]+):)?(?:"([^"]*)"?|(\S+))/g;

/**
 * Parses a filter: all terms must match, or those on one side of an `or`. A term without a value yet is ignored, and so is an
 * `or` without terms on both sides.
 */
export function parseFilter(text: string): Filter {
  const sides: Test[][] = [[]];
  const problems: string[] = [];
  const texts = new Set<string>();
  for (const [whole, minus, name, quoted, word] of text.matchAll(TERM)) {
    if (/^or$/i.test(whole)) {
      sides.push([]);
      continue;
    }
    const test = testOf(whole, name, quoted ?? word, texts);
    if (typeof test === 'string') problems.push(test);
    else if (test !== undefined) sides.at(-1)?.push(minus === '-' ? (entry, found) => !test(entry, found) : test);
  }
  const filled = sides.filter(({ length }) => length > 0);
  return {
    matches: (entry, found) => filled.length === 0 || filled.some((tests) => tests.every((test) => test(entry, found))),
    problems,
    isEmpty: filled.length === 0,
    texts: [...texts],
  };
}

function testOf(
  whole: string,
  name: string | undefined,
  value: string | undefined,
  texts: Set<string>,
): Test | string | undefined {
  if (name === undefined) {
    const [, unfinished] = /^-?([A-Za-z]+):$/.exec(whole) ?? [];
    return unfinished !== undefined && TERMS.has(nameOf(unfinished)) ? undefined : textTest(value ?? '', texts);
  }
  const term = TERMS.get(nameOf(name));
  if (term !== undefined) return value === undefined || value === '' ? undefined : term(value);
  // A text such as http://... or Id:17 is not a misspelt term.
  const near = nearest(name.toLowerCase());
  return near === undefined ? textTest(whole, texts) : `${name}: unknown term; did you mean ${near}:?`;
}

const ALIASES: ReadonlyMap<string, string> = new Map([
  ['app', 'application'],
  ['fault', 'code'],
  ['faultcode', 'code'],
]);

/** The name of a term in TERMS. */
const nameOf = (typed: string): string => ALIASES.get(typed.toLowerCase()) ?? typed.toLowerCase();

/** Adds the text to those that the platform searches for: the list has only the beginning of long lists. */
function textTest(value: string, searched: Set<string>): Test | undefined {
  const wanted = value.toLowerCase();
  if (wanted === '' || wanted === '-') return undefined;
  searched.add(wanted);
  return (entry, found) => textOf(entry).includes(wanted) || found?.get(wanted)?.has(entry.id) === true;
}

const texts = new WeakMap<Summary, string>();

/** The text of an entry in the list, in lower case, cached per entry. */
function textOf(entry: Summary): string {
  const known = texts.get(entry);
  if (known !== undefined) return known;
  const { service, method, client, via, application, appName, parameters, results, faultCode, faultText, stub } = entry;
  const lists = [listText(parameters, 2000), listText(results, 2000)];
  const parts = [`${service}.${method}`, client, via, application, appName, ...lists, faultCode, faultText, stub];
  const text = parts
    .filter((part) => part !== undefined)
    .join('\n')
    .toLowerCase();
  texts.set(entry, text);
  return text;
}

/** The term that differs from `name` by one letter or two swapped ones. */
const nearest = (name: string): string | undefined => TERM_NAMES.find((term) => isNear(term, name));

function isNear(a: string, b: string): boolean {
  if (a.length < 4 || Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  const [restA, restB] = [a.slice(start), b.slice(start)];
  const swapped = restA[1] !== undefined && restA[1] + restA[0] + restA.slice(2) === restB;
  return swapped || restA.slice(1) === restB || restA === restB.slice(1) || restA.slice(1) === restB.slice(1);
}
