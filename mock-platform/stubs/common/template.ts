import { randomUUID } from 'node:crypto';
import { TemplateError } from '../../errors.js';
import type { Report } from './condition.js';

/** Renders a text for a request. Never throws; missing values become empty strings. */
export type Template<Request> = (request: Request) => string;

/** The references in the templates of one kind of stub. */
export interface References<Request> {
  /** `{{NAME}}` */
  readonly values: Readonly<Record<string, Template<Request>>>;
  /** `{{NAME.PATH}}` */
  readonly paths: Readonly<Record<string, (request: Request, path: string) => string>>;
}

/** Parses templates. */
export class TemplateParser<Request> {
  readonly #values: ReadonlyMap<string, Template<Request>>;
  readonly #paths: ReadonlyMap<string, (request: Request, path: string) => string>;

  constructor({ values, paths }: References<Request>) {
    this.#values = new Map(Object.entries({ ...values, ...COMMON }));
    this.#paths = new Map(Object.entries(paths));
  }

  /** Parses a template such as `no account {{parameters.Account}}`. @throws TemplateError */
  parse(text: string): Template<Request> {
    const [first = '', ...others] = text.split('{{');
    if (others.length === 0) return () => text;
    const parts = others.map((part) => {
      const end = part.indexOf('}}');
      if (end < 0) throw new TemplateError('{{ without }}; write {{braces}} for literal braces');
      const value = this.#reference(part.slice(0, end).trim());
      const rest = part.slice(end + 2);
      return (request: Request): string => value(request) + rest;
    });
    return (request) => first + parts.map((part) => part(request)).join('');
  }

  /** Parses a template and reports its problems. */
  compile(text: string, report: Report, path: readonly PropertyKey[] = []): Template<Request> {
    try {
      return this.parse(text);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      report(path, error.message);
      return () => text;
    }
  }

  #reference(reference: string): Template<Request> {
    const value = this.#values.get(reference);
    if (value !== undefined) return value;
    const dot = reference.indexOf('.');
    const read = this.#paths.get(reference.slice(0, Math.max(0, dot)));
    const path = reference.slice(dot + 1);
    if (read === undefined || path === '') {
      const known = [...this.#values.keys(), ...[...this.#paths.keys()].map((name) => `${name}.KEY`)];
      throw new TemplateError(`unknown reference {{${reference}}}; known references: ${known.join(', ')}`);
    }
    return (request) => read(request, path);
  }
}

const COMMON = {
  uuid: () => randomUUID(),
  now: () => new Date().toISOString(),
  braces: () => '{{',
};
