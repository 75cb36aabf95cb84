import type { Found, Report } from '../shared/condition.js';
import { TemplateParser } from '../shared/template.js';
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

const DEPTH_MAX = 100;

/** Compiles a JSON value whose strings may contain templates. */
export function jsonTemplate(value: unknown, report: Report, at: readonly PropertyKey[] = []): JsonTemplate {
  if (typeof value === 'string') return templates.compile(value, report, at);
  if (value === null || typeof value === 'boolean' || Number.isFinite(value)) return () => value;
  if (typeof value !== 'object' || at.length > DEPTH_MAX) {
    report(at, at.length > DEPTH_MAX ? `must not be nested deeper than ${DEPTH_MAX}` : 'must be a JSON value');
    return () => null;
  }
  if (Array.isArray(value)) {
    const items = value.map((item, index) => jsonTemplate(item, report, [...at, index]));
    return (request) => items.map((item) => item(request));
  }
  const members = Object.entries(value).map(
    ([key, member]) => [key, jsonTemplate(member, report, [...at, key])] as const,
  );
  return (request) => Object.fromEntries(members.map(([key, member]) => [key, member(request)]));
}
