import {
  type Check,
  type Checks,
  type Condition,
  compileCondition,
  conditionChecks,
  equals,
  type Found,
  inState,
  type Scalars,
  unreported,
} from '../common/condition.js';
import type { HttpRequest } from './request.js';

/** A condition on a text, such as a header. A number matches the same digits. */
export type TextCondition = Condition<string | number>;
/** A condition on a value in a JSON body. */
export type JsonCondition = Condition<string | number | boolean | null>;

/** The requests that a stub of an upstream answers. Omitted properties match anything. */
export interface HttpMatch {
  readonly method?: string | undefined;
  /** Without the query, as in the URL. */
  readonly path?: string | { readonly pattern: string } | undefined;
  /** Conditions by name, on the first value. */
  readonly query?: Readonly<Record<string, TextCondition>> | undefined;
  /** Conditions by name, in any case. */
  readonly headers?: Readonly<Record<string, TextCondition>> | undefined;
  /** Conditions on the values of a JSON body, by key or dotted path. */
  readonly json?: Readonly<Record<string, JsonCondition>> | undefined;
  /** A condition on the body as a text. */
  readonly body?: TextCondition | undefined;
  /** The required state of the stub's scenario. The initial state is ''. */
  readonly state?: string | undefined;
}

export const PATH: Scalars = {
  includes: (value) => typeof value === 'string' && value.startsWith('/'),
  names: 'a path such as /v1/balance',
  isAlwaysPresent: true,
};

export const TEXT: Scalars = {
  includes: (value) => typeof value === 'string' || Number.isFinite(value),
  names: 'a string, a number',
};

export const BODY: Scalars = { ...TEXT, isAlwaysPresent: true };

export const JSON_VALUE: Scalars = {
  includes: (value) => TEXT.includes(value) || typeof value === 'boolean' || value === null,
  names: 'a string, a number, true, false, null',
};

/** The checks of a stub: of the path, of the method, and all others. */
export function httpChecks(match: HttpMatch, scenario: string): Checks<HttpRequest> {
  const { method, path, query, headers, json, body, state } = match;
  return [
    checkOf('path', path, PATH, (request) => ({ text: request.path })),
    equals('method', method, (request) => request.method),
    [
      ...inState<HttpRequest>(scenario, state),
      ...conditionChecks<HttpRequest>('query', query, TEXT, (request, name) => request.query(name)),
      ...conditionChecks<HttpRequest>('headers', headers, TEXT, (request, name) => request.header(name)),
      ...conditionChecks<HttpRequest>('json', json, JSON_VALUE, (request, at) => request.json(at)),
      ...checkOf('body', body, BODY, (request) => request.body),
    ],
  ];
}

function checkOf(
  name: string,
  condition: unknown,
  scalars: Scalars,
  find: (request: HttpRequest) => Found,
): Check<HttpRequest>[] {
  if (condition === undefined) return [];
  const mismatch = compileCondition(condition, scalars, unreported);
  return [
    (request) => {
      const how = mismatch(find(request));
      return how && (() => `${name} is ${how()}`);
    },
  ];
}
