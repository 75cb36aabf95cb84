import type { z } from 'zod';
import { ConfigError, type ConfigProblem } from './errors.js';
import { type Path, pathText, type Source } from './source.js';
import { knownDiscriminators, knownKeys, nearest } from './suggestions.js';
import { inDirectory } from './values.js';

type Issue = z.core.$ZodIssue;

/** Messages show at most this much of a value, in characters. */
const SHOWN = 40;

/**
 * Checks the part of a file at `path`, and adds the path of every file that a value names to `files`.
 * @throws ConfigError with all problems
 */
export function validate<T>(
  source: Source,
  directory: string,
  path: Path,
  schema: z.ZodType<T>,
  files: Set<string>,
): T {
  const given = valueAt(source.data, path) ?? {};
  const check = (value: unknown) => inDirectory(directory, files, () => schema.safeParse(value));
  let result = check(given);
  if (!result.success) {
    const converted = convertSubstituted(given, result.error.issues, (inner) =>
      source.isSubstituted([...path, ...inner]),
    );
    if (converted !== undefined) result = check(converted);
  }
  if (result.success) return result.data;
  const context: Context = { source, schema, path, data: given };
  throw new ConfigError(result.error.issues.flatMap((issue) => problemsOf(issue, context)));
}

interface Context {
  readonly source: Source;
  readonly schema: z.ZodType;
  readonly path: Path;
  readonly data: unknown;
}

/** Environment variables are strings: converts them if the schema expects a number or a boolean. */
function convertSubstituted(data: unknown, issues: readonly Issue[], substituted: (path: Path) => boolean): unknown {
  const wanted = issues.filter((issue) => issue.code === 'invalid_type' && substituted(issue.path));
  if (wanted.length === 0) return undefined;
  const copy: unknown = structuredClone(data);
  for (const issue of wanted) {
    const parent = valueAt(copy, issue.path.slice(0, -1)) as Record<PropertyKey, unknown>;
    const key = issue.path.at(-1) ?? '';
    parent[key] = converted(parent[key], (issue as { expected: string }).expected);
  }
  return copy;
}

function converted(value: unknown, expected: string): unknown {
  if (typeof value !== 'string') return value;
  if (expected === 'boolean' && /^(true|false)$/.test(value)) return value === 'true';
  if (expected === 'number' && /^-?\d+(\.\d+)?$/.test(value)) return Number(value);
  return value;
}

function problemsOf(issue: Issue, context: Context): ConfigProblem[] {
  const { source, path } = context;
  const whole = [...path, ...issue.path];
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(key, issue.path, context));
  const value = valueAt(context.data, issue.path);
  const name = pathText(whole);
  if (value === undefined && issue.code !== 'custom') {
    return [source.problem(whole, `${name} is missing: it ${expectation(issue, context)}`, 'ESP_CONFIG_MISSING_KEY')];
  }
  return [source.problem(whole, `${name} ${expectation(issue, context)}${shown(value, whole, issue, context)}`)];
}

function unknownKey(key: string, at: Path, { source, schema, path, data }: Context): ConfigProblem {
  const known = knownKeys(schema, at, data);
  const [name] = key.split(':', 1);
  if (name !== undefined && name !== key && known.includes(name)) {
    // What follows the colon is the value, which may be secret.
    const message = `unknown key ${pathText([...path, ...at, name])}:...: write a space after the colon`;
    return source.unknownKey([...path, ...at, key], message);
  }
  const meant = nearest(key, known);
  const all = known.length === 0 ? 'no keys are allowed here' : `known keys are ${known.join(', ')}`;
  const hint = meant === undefined ? all : `did you mean ${meant}?`;
  const whole = [...path, ...at, key];
  return source.unknownKey(whole, `unknown key ${pathText(whole)}: ${hint}`);
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'must be a string',
  number: 'must be a number',
  int: 'must be a whole number',
  boolean: 'must be true or false',
  object: 'must be a mapping',
  record: 'must be a mapping',
  array: 'must be a list',
};

/** What the value must be. A schema's own message, which begins with a verb such as `must`, replaces the usual one. */
function expectation(issue: Issue, context: Context): string {
  if (/^(must|is|cannot|needs) /.test(issue.message)) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return TYPES[issue.expected] ?? `must be ${issue.expected}`;
    case 'invalid_value':
      return `must be ${issue.values.map(String).join(' or ')}`;
    case 'too_small':
      return `must be at least ${issue.minimum}`;
    case 'too_big':
      return `must be at most ${issue.maximum}`;
    case 'invalid_union':
      return unionText(issue, context);
    default:
      return `is invalid: ${issue.message}`;
  }
}

/** What a discriminator may be, or what a value may be that has no discriminator. */
function unionText(issue: z.core.$ZodIssueInvalidUnion, context: Context): string {
  const known = knownDiscriminators(context.schema, issue.path, context.data);
  if (known.length > 0) return `must be ${known.join(' or ')}`;
  const texts = issue.errors.map(([first]) => (first?.path.length === 0 ? expectation(first, context) : ''));
  if (!texts.every((text) => text.startsWith('must be '))) return `is invalid: ${issue.message}`;
  return `must be ${texts.map((text) => text.slice('must be '.length)).join(' or ')}`;
}

const SECRET_NAME = /password|secret|token|key|credential/i;

/** Credentials or query parameters of a URL. */
const URL_SECRET = /[@?]/;

/** `, not "x"`, with a suggestion; empty for values that come from the environment or may be secret. */
function shown(value: unknown, whole: Path, issue: Issue, context: Context): string {
  if (issue.code === 'custom' || context.source.isSubstituted(whole)) return '';
  if (whole.some((part) => SECRET_NAME.test(String(part)))) return '';
  if ((typeof value === 'object' && value !== null) || isStringForMapping(value, issue)) return '';
  const text = JSON.stringify(value);
  if (URL_SECRET.test(text)) return '';
  const meant = nearest(String(value), choices(issue, context));
  return `, not ${text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text}${meant === undefined ? '' : `; did you mean ${meant}?`}`;
}

/** A string in place of a mapping may be anything, even a secret. */
const isStringForMapping = (value: unknown, issue: Issue): boolean =>
  typeof value === 'string' && issue.code === 'invalid_type' && ['object', 'record'].includes(issue.expected);

function choices(issue: Issue, context: Context): string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  return knownDiscriminators(context.schema, issue.path, context.data);
}

function valueAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, part) => (value as Record<PropertyKey, unknown> | null | undefined)?.[part],
    data,
  );
}
