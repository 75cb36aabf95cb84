import type { Found, Report } from '../common/condition.js';
import { TemplateParser } from '../common/template.js';
import type { HttpRequest } from './request.js';

const textOf = (found: Found | undefined): string => (found !== undefined && 'text' in found ? found.text : '');

/** Templates in the answers of HTTP stubs. */
export const templates = new TemplateParser<HttpRequest>({
  values: {
    method: (request) => request.method,
    path: (request) => request.path,
    body: (request) => textOf(request.body),
  },
  paths: {
    path: (request, number) => textOf(request.segment(number)),
    query: (request, name) => textOf(request.query(name)),
    headers: (request, name) => textOf(request.header(name)),
    json: (request, path) => textOf(request.json(path)),
  },
});

/** Renders a JSON value for a request. */
export type JsonTemplate = (request: HttpRequest) => unknown;

/** The maximum depth of JSON in an answer. */
export const JSON_DEPTH_MAX = 100;

/** Compiles a JSON value whose strings may contain templates. */
export const jsonTemplate = (value: unknown, report: Report): JsonTemplate => valueTemplate(value, report, [], []);

/** @param outer the objects and arrays that contain the value */
function valueTemplate(
  value: unknown,
  report: Report,
  at: readonly PropertyKey[],
  outer: readonly object[],
): JsonTemplate {
  if (typeof value === 'string') return templates.compile(value, report, at);
  if (value === null || typeof value === 'boolean' || Number.isFinite(value)) return () => value;
  if (typeof value !== 'object') return refused(at, 'must be a JSON value', report);
  if (outer.includes(value)) return refused(at, 'must not contain itself', report);
  if (at.length > JSON_DEPTH_MAX) return refused(at, `must not be nested deeper than ${JSON_DEPTH_MAX}`, report);
  const inner = [...outer, value];
  if (Array.isArray(value)) {
    const items = value.map((item, index) => valueTemplate(item, report, [...at, index], inner));
    return (request) => items.map((item) => item(request));
  }
  const members = Object.entries(value).map(
    ([key, member]) => [key, valueTemplate(member, report, [...at, key], inner)] as const,
  );
  return (request) => Object.fromEntries(members.map(([key, member]) => [key, member(request)]));
}

function refused(at: readonly PropertyKey[], message: string, report: Report): JsonTemplate {
  report(at, message);
  return () => null;
}
