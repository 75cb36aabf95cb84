import { OUTCOMES, type Outcome, type Summary } from '../api/types.js';
import { listText } from '../message/entries.js';

/** Selects the entries to show. */
export interface Filter {
  readonly matches: (entry: Summary) => boolean;
  /** Error messages of invalid terms, which are ignored. */
  readonly problems: readonly string[];
  readonly isEmpty: boolean;
}

type Test = (entry: Summary) => boolean;

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
    code: (value) => (entry) => entry.faultCode !== undefined && String(entry.faultCode) === value,
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

/** Words and `"quoted words"`, optionally after `name:`, and after `-` to negate them. */
const TERM = /(-?)(?:([A-Za-z]+):)?(?:"([^"]*)"?|(\S+))/g;

/** Parses a filter: all its terms must match. A term without a value yet is ignored. */
export function parseFilter(text: string): Filter {
  const tests: Test[] = [];
  const problems: string[] = [];
  for (const [whole, minus, name, quoted, word] of text.matchAll(TERM)) {
    const test = testOf(whole, name, quoted ?? word);
    if (typeof test === 'string') problems.push(test);
    else if (test !== undefined) tests.push(minus === '-' ? (entry) => !test(entry) : test);
  }
  return {
    matches: (entry) => tests.every((test) => test(entry)),
    problems,
    isEmpty: tests.length === 0,
  };
}

function testOf(whole: string, name: string | undefined, value: string | undefined): Test | string | undefined {
  if (name === undefined) {
    const [, unfinished] = /^-?([A-Za-z]+):$/.exec(whole) ?? [];
    return unfinished !== undefined && TERMS.has(nameOf(unfinished)) ? undefined : textTest(value ?? '');
  }
  const term = TERMS.get(nameOf(name));
  if (term !== undefined) return value === undefined || value === '' ? undefined : term(value);
  // A text such as http://... or Id:17 is not a misspelt term.
  const near = nearest(name.toLowerCase());
  return near === undefined ? textTest(whole) : `${name}: unknown term; did you mean ${near}:?`;
}

const ALIASES: ReadonlyMap<string, string> = new Map([
  ['app', 'application'],
  ['fault', 'code'],
  ['faultcode', 'code'],
]);

/** The name of a term in TERMS. */
const nameOf = (typed: string): string => ALIASES.get(typed.toLowerCase()) ?? typed.toLowerCase();

const textTest = (value: string): Test | undefined => {
  const wanted = value.toLowerCase();
  return wanted === '' || wanted === '-' ? undefined : (entry) => textOf(entry).includes(wanted);
};

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
