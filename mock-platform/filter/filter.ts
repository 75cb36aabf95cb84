import { type ClaimingTerm, contradiction } from './claims.js';
import type { Exchange } from './exchange.js';
import { type FilterClock, OUTCOMES, parameterTerm, TERMS, type Term, textTerm } from './terms.js';

export { type FilterClock, OUTCOMES };

/** Selects exchanges. */
export interface Filter {
  readonly matches: (exchange: Exchange) => boolean;
  /** Invalid terms, which are ignored, and terms that no exchange can match together. */
  readonly problems: readonly string[];
  readonly isEmpty: boolean;
  /** Needs more of an exchange than the list has: whole lists, log lines or upstream calls. */
  readonly needsWhole: boolean;
}

/** The length of a filter that the platform takes. */
export const MOST_CHARACTERS = 1000;

/** The names of the terms, such as `service`. */
export const TERM_NAMES: readonly string[] = [...TERMS.keys()];

/** Words and `"quoted words"`, optionally after `name:` or `Parameter=`, and after `-` to negate them. */
const TERM = /(-?)(?:([A-Za-z]+):|([A-Za-z_][\w.-]*)=)?(?:"([^"]*)"?|(\S+))/g;

interface SignedTerm extends Term, ClaimingTerm {
  readonly claims: NonNullable<Term['claims']>;
}

/** Here and now. */
const clock = (): FilterClock => ({ now: Date.now(), offset: new Date().getTimezoneOffset() });

/**
 * Parses a filter: all terms must match, or those on one side of an `or`. A term without a value yet is ignored, and so is an
 * `or` without terms on both sides.
 */
export function parseFilter(text: string, at: FilterClock = clock()): Filter {
  const sides: SignedTerm[][] = [[]];
  const problems: string[] = [];
  for (const match of text.matchAll(TERM)) {
    const [whole, minus] = match;
    if (/^or$/i.test(whole)) {
      sides.push([]);
      continue;
    }
    const typed = whole.slice(minus?.length);
    const term = termOf(typed, match, at);
    if (typeof term === 'string') problems.push(term);
    else if (term !== undefined) sides.at(-1)?.push(signed(term, typed, minus === '-'));
  }
  const filled = sides.filter(({ length }) => length > 0);
  const impossible = filled.map(contradiction).filter((found) => found !== undefined);
  const tests = filled.map(testOf);
  return {
    matches: (exchange) => tests.length === 0 || tests.some((test) => test(exchange)),
    problems: [...problems, ...impossible],
    isEmpty: filled.length === 0,
    needsWhole: filled.flat().some(({ needsWhole }) => needsWhole),
  };
}

/** What decides without the text of an exchange comes first. */
function testOf(terms: readonly SignedTerm[]): Term['test'] {
  const ordered = terms.toSorted((one, other) => Number(one.needsWhole ?? false) - Number(other.needsWhole ?? false));
  return (exchange) => ordered.every(({ test }) => test(exchange));
}

const signed = (term: Term, typed: string, isNegated: boolean): SignedTerm => ({
  ...term,
  typed,
  isNegated,
  claims: isNegated ? negatedClaims(term) : (term.claims ?? []),
  test: isNegated ? (exchange) => !term.test(exchange) : term.test,
});

/** Only a term about nothing but the outcome claims anything when it is negated. */
function negatedClaims({ claims = [] }: Term): SignedTerm['claims'] {
  const [claim, ...more] = claims;
  if (claim?.about !== 'outcome' || more.length > 0 || claim.oneOf.length < 1) return [];
  return [{ about: 'outcome', oneOf: OUTCOMES.filter((outcome) => !claim.oneOf.includes(outcome)) }];
}

function termOf(typed: string, match: RegExpMatchArray, at: FilterClock): Term | string | undefined {
  const [, , name, parameter, quoted, word] = match;
  const value = quoted ?? word ?? '';
  if (parameter !== undefined) return parameterTerm(parameter, value);
  if (name === undefined) return plainTerm(typed, value);
  const make = TERMS.get(nameOf(name));
  if (make !== undefined) return value === '' ? undefined : make(value, at);
  // A text such as http://... or Id:17 is not a misspelt term.
  const near = nearest(name.toLowerCase());
  return near === undefined ? textTerm(typed) : `${name}: unknown term; did you mean ${near}:?`;
}

/** A text, `Id=` for a parameter with any value, or a term without a value yet. */
function plainTerm(typed: string, value: string): Term | undefined {
  const [, name, sign] = /^([A-Za-z_][\w.-]*)([:=])$/.exec(typed) ?? [];
  if (name !== undefined && sign === '=') return parameterTerm(name, '');
  if (name !== undefined && TERMS.has(nameOf(name))) return undefined;
  return value === '' || value === '-' ? undefined : textTerm(value);
}

const ALIASES: ReadonlyMap<string, string> = new Map([
  ['app', 'application'],
  ['fault', 'code'],
  ['faultcode', 'code'],
]);

/** The name of a term in TERMS. */
const nameOf = (typed: string): string => ALIASES.get(typed.toLowerCase()) ?? typed.toLowerCase();

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
