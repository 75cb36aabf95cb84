import {
  type EspRequest,
  isApplicationType,
  isInt32,
  type KeyValueEntry,
  type KeyValueList,
  parametersOf,
} from '#wire';
import { MATCHED_CHARACTERS } from '../matching.js';
import { textIn, valueAt } from './reading.js';
import type { Report } from './values.js';

/** A condition on a value: equality, a pattern, presence or absence. */
export type Condition = string | number | { readonly pattern: string } | { readonly present: boolean };

/** The requests that a stub answers. Omitted properties match anything. */
export interface Match {
  readonly appName?: string | undefined;
  readonly appType?: number | undefined;
  readonly service?: string | undefined;
  readonly method?: string | undefined;
  /** Conditions by key or dotted path. */
  readonly parameters?: Readonly<Record<string, Condition>> | undefined;
  readonly userData?: Readonly<Record<string, Condition>> | undefined;
  /** The required state of the stub's scenario. The initial state is ''. */
  readonly state?: string | undefined;
}

/** Checks a request. Returns the mismatch, such as `parameters.Account is '18', not '17'`, or undefined. */
export type Check = (request: EspRequest, state: string) => string | undefined;

/** The checks of a stub, grouped by their weight in the search for the nearest stub. */
export interface Checks {
  readonly service: readonly Check[];
  readonly method: readonly Check[];
  readonly others: readonly Check[];
}

export function checksOf(match: Match, scenario: string): Checks {
  const { appName, appType, service, method, state } = match;
  return {
    service: equals('service', service, (request) => request.service),
    method: equals('method', method, (request) => request.method),
    others: [
      ...equals('appName', appName, (request) => request.appName ?? ''),
      ...(appType === undefined ? [] : [isOfType(appType)]),
      ...equals(`the state of scenario ${scenario}`, state, (_request, current) => current),
      ...inList('parameters', match.parameters, ({ list }) => parametersOf(list)),
      ...inList('userData', match.userData, (request) => request.userData),
    ],
  };
}

function equals(
  name: string,
  wanted: string | undefined,
  read: (request: EspRequest, state: string) => string,
): Check[] {
  if (wanted === undefined) return [];
  return [
    (request, state) => {
      const value = read(request, state);
      return value === wanted ? undefined : `${name} is ${quoted(value)}, not ${quoted(wanted)}`;
    },
  ];
}

const isOfType =
  (type: number): Check =>
  ({ appType }) => {
    if (appType !== undefined && isApplicationType(appType, type)) return undefined;
    return `appType is ${shown(appType)}, not ${type}`;
  };

function inList(
  name: string,
  conditions: Readonly<Record<string, Condition>> | undefined,
  listOf: (request: EspRequest) => KeyValueList,
): Check[] {
  return Object.entries(conditions ?? {}).map(([path, condition]) => {
    const mismatch = compileCondition(condition, () => undefined);
    return (request) => {
      const how = mismatch(valueAt(listOf(request), path));
      return how === undefined ? undefined : `${name}.${path} is ${how}`;
    };
  });
}

/** Checks a value. Returns the mismatch, such as `missing` or `'18', not '17'`, or undefined. */
type ValueCheck = (entry: KeyValueEntry | undefined) => string | undefined;

/** Compiles a condition and reports its problems. */
export function compileCondition(condition: unknown, report: Report): ValueCheck {
  if (typeof condition === 'string' || isInt32(condition)) return isEqual(String(condition));
  const [[name, value] = [], ...more] = entriesOf(condition);
  if (more.length === 0 && name === 'present' && typeof value === 'boolean') return isPresent(value);
  if (more.length === 0 && name === 'pattern' && typeof value === 'string') return isLike(value, report);
  report([], 'must be a quoted string, a 32-bit integer, { pattern: REGEXP } or { present: true or false }');
  return () => undefined;
}

const entriesOf = (value: unknown): [string, unknown][] =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];

const isEqual =
  (wanted: string): ValueCheck =>
  (entry) => {
    if (entry !== undefined && textIn(entry) === wanted) return undefined;
    return `${shown(entry)}, not ${quoted(wanted)}`;
  };

const isPresent =
  (wanted: boolean): ValueCheck =>
  (entry) => {
    if ((entry !== undefined) === wanted) return undefined;
    return wanted ? 'missing' : `${shown(entry)}, not missing`;
  };

function isLike(pattern: string, report: Report): ValueCheck {
  try {
    const expression = new RegExp(pattern, 'u');
    return (entry) => {
      const text = entry === undefined ? undefined : textIn(entry);
      if (text !== undefined && expression.test(text.slice(0, MATCHED_CHARACTERS))) return undefined;
      return `${shown(entry)}, expected a match for ${pattern}`;
    };
  } catch (error) {
    report(['pattern'], (error as Error).message);
    return () => undefined;
  }
}

/** Maximum length of a quoted value. */
const SHOWN = 60;

function shown(entry: KeyValueEntry | undefined): string {
  if (entry === undefined) return 'missing';
  const text = textIn(entry);
  if (text !== undefined) return quoted(text);
  return entry.type === 'list' ? 'a list' : 'binary';
}

/** In single quotes, on one line. */
function quoted(text: string): string {
  const start = text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text;
  return `'${JSON.stringify(start).slice(1, -1).replaceAll('\\"', '"')}'`;
}
