import { randomUUID } from 'node:crypto';
import { type EspRequest, type KeyValueList, parametersOf } from '#wire';
import { TemplateError } from '../errors.js';
import { textIn, valueAt } from './reading.js';

/** Renders a text for a request. Never throws; missing values become empty strings. */
export type Template = (request: EspRequest) => string;

const VALUES: ReadonlyMap<string, Template> = new Map<string, Template>([
  ['service', (request) => request.service],
  ['method', (request) => request.method],
  ['appName', (request) => request.appName ?? ''],
  ['referenceId', (request) => String(request.referenceId ?? '')],
  ['uuid', () => randomUUID()],
  ['now', () => new Date().toISOString()],
  ['braces', () => '{{'],
]);

const LISTS: ReadonlyMap<string, (request: EspRequest) => KeyValueList> = new Map([
  ['parameters', ({ list }) => parametersOf(list)],
  ['userData', (request) => request.userData],
]);

const KNOWN = [...VALUES.keys(), ...[...LISTS.keys()].map((name) => `${name}.KEY`)].join(', ');

/** Parses a template such as `no account {{parameters.Account}}`. @throws TemplateError */
export function parseTemplate(text: string): Template {
  const [first = '', ...others] = text.split('{{');
  if (others.length === 0) return () => text;
  const parts = others.map((part) => {
    const end = part.indexOf('}}');
    if (end < 0) throw new TemplateError('{{ without }}; write {{braces}} for literal braces');
    const value = parseReference(part.slice(0, end).trim());
    const rest = part.slice(end + 2);
    return (request: EspRequest): string => value(request) + rest;
  });
  return (request) => first + parts.map((part) => part(request)).join('');
}

function parseReference(reference: string): Template {
  const value = VALUES.get(reference);
  if (value !== undefined) return value;
  const dot = reference.indexOf('.');
  const list = LISTS.get(reference.slice(0, Math.max(0, dot)));
  const path = reference.slice(dot + 1);
  if (list === undefined || path === '') {
    throw new TemplateError(`unknown reference {{${reference}}}; known references: ${KNOWN}`);
  }
  return (request) => {
    const entry = valueAt(list(request), path);
    return entry === undefined ? '' : (textIn(entry) ?? '');
  };
}
