import { isSecretKey, MASK, maskText } from '#server';
import { MATCHED_CHARACTERS } from '../../matching.js';

/** Reports a problem at a path relative to the value. The message follows the name of the value. */
export type Report = (path: readonly PropertyKey[], message: string) => void;

/** Discards problems of a definition that was validated before. */
export const unreported: Report = () => undefined;

/** A condition on a value: equality, a pattern, presence or absence. */
export type Condition<Scalar = string | number> = Scalar | { readonly pattern: string } | { readonly present: boolean };

/** A value of a request: its text, or the kind of a value without one, such as `a list`. */
export type Found = { readonly text: string } | { readonly kind: string };

/** Describes a mismatch. Only the mismatches of the nearest stub are described. */
export type Mismatch = () => string;

/** Checks a request. Returns the mismatch, such as `parameters.Account is '18', not '17'`, or undefined. */
export type Check<Request> = (request: Request, state: string) => Mismatch | undefined;

/** The checks of a stub in groups. In the search for the nearest stub, a group outweighs the groups after it. */
export type Checks<Request> = readonly (readonly Check<Request>[])[];

/** Checks a value. Returns the mismatch, such as `missing` or `'18', not '17'`, or undefined. */
export type ValueCheck = (value: Found | undefined) => Mismatch | undefined;

/** The values that a condition can require equality to. */
export interface Scalars {
  includes(value: unknown): boolean;
  /** For messages, such as `a quoted string, a 32-bit integer`. */
  readonly names: string;
  /** Whether the value is never missing. */
  readonly isAlwaysPresent?: true;
}

/** Compiles a condition and reports its problems. @param name of the value; mismatches mask the values of secrets */
export function compileCondition(condition: unknown, scalars: Scalars, report: Report, name = ''): ValueCheck {
  const show = isSecretName(name) ? masked : shown;
  if (scalars.includes(condition)) return isEqual(String(condition), show);
  const [[key, value] = [], ...more] = entriesOf(condition);
  const canBeMissing = scalars.isAlwaysPresent !== true;
  if (canBeMissing && more.length === 0 && key === 'present' && typeof value === 'boolean') {
    return isPresent(value, show);
  }
  if (more.length === 0 && key === 'pattern' && typeof value === 'string') return isLike(value, show, report);
  const forms = canBeMissing ? ', { pattern: REGEXP } or { present: true or false }' : ' or { pattern: REGEXP }';
  report([], `must be ${scalars.names}${forms}`);
  return () => undefined;
}

/** Compares a text with the same text. */
export function equals<Request>(
  name: string,
  wanted: string | undefined,
  read: (request: Request, state: string) => string,
): Check<Request>[] {
  if (wanted === undefined) return [];
  return [
    (request, state) => {
      const value = read(request, state);
      return value === wanted ? undefined : () => `${name} is ${quoted(value)}, not ${quoted(wanted)}`;
    },
  ];
}

/** Compares the state of a scenario. */
export const inState = <Request>(scenario: string, state: string | undefined): Check<Request>[] =>
  equals(`the state of scenario ${scenario}`, state, (_request, current) => current);

/** Checks values by name. @param name of the place, such as `parameters` */
export function conditionChecks<Request>(
  name: string,
  conditions: Readonly<Record<string, unknown>> | undefined,
  scalars: Scalars,
  find: (request: Request, path: string) => Found | undefined,
): Check<Request>[] {
  return Object.entries(conditions ?? {}).map(([path, condition]) => {
    const mismatch = compileCondition(condition, scalars, unreported, path);
    return (request) => {
      const how = mismatch(find(request, path));
      return how && (() => `${name}.${path} is ${how()}`);
    };
  });
}

const isSecretName = (name: string): boolean => isSecretKey(name) || /cookie/i.test(name);

const entriesOf = (value: unknown): [string, unknown][] =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];

const isEqual =
  (wanted: string, show: Show): ValueCheck =>
  (value) => {
    if (value !== undefined && 'text' in value && value.text === wanted) return undefined;
    return () => `${show(value)}, not ${show({ text: wanted })}`;
  };

const isPresent =
  (wanted: boolean, show: Show): ValueCheck =>
  (value) => {
    if ((value !== undefined) === wanted) return undefined;
    return () => (wanted ? 'missing' : `${show(value)}, not missing`);
  };

function isLike(pattern: string, show: Show, report: Report): ValueCheck {
  try {
    const expression = new RegExp(pattern, 'u');
    return (value) => {
      if (value !== undefined && 'text' in value && expression.test(value.text.slice(0, MATCHED_CHARACTERS))) {
        return undefined;
      }
      return () => `${show(value)}, expected a match for ${show === masked ? MASK : maskText(pattern)}`;
    };
  } catch (error) {
    report(['pattern'], (error as Error).message);
    return () => undefined;
  }
}

type Show = (value: Found | undefined) => string;

/** The beginning of a text that a mismatch quotes from. */
const QUOTED_CHARACTERS = 4096;

export const shown: Show = (value) => {
  if (value === undefined) return 'missing';
  return 'text' in value ? quoted(maskText(value.text.slice(0, QUOTED_CHARACTERS))) : value.kind;
};

const masked: Show = (value) => (value !== undefined && 'text' in value ? MASK : shown(value));

/** Maximum length of a quoted value. */
const SHOWN = 60;

/** In single quotes, on one line. */
export function quoted(text: string): string {
  const start = text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text;
  return `'${JSON.stringify(start).slice(1, -1).replaceAll('\\"', '"')}'`;
}
