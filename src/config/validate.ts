import type { z } from 'zod';
import { knownDiscriminators, knownKeys } from './known.js';
import { nearest } from './nearest.js';
import { ConfigError, type Path, type Problem, pathText } from './problems.js';
import type { Source } from './source.js';
import { inDirectory } from './values.js';

type Issue = z.core.$ZodIssue;

/** Longest value that a message shows. */
const SHOWN = 40;

/**
 * Checks the part of a file at `path`; `files` takes the path of every file that a value names.
 * @throws ConfigError with every problem in it
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

/** The environment knows only texts: where a number or boolean is wanted, what came from it is read as one. */
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
  if (/^(number|int)$/.test(expected) && /^-?\d+(\.\d+)?$/.test(value)) return Number(value);
  return value;
}

function problemsOf(issue: Issue, context: Context): Problem[] {
  const { source, path } = context;
  const whole = [...path, ...issue.path];
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(key, issue.path, context));
  const value = valueAt(context.data, issue.path);
  const name = pathText(whole);
  if (value === undefined && issue.code !== 'custom') {
    return [source.problem(whole, `${name} is missing: ${expectation(issue, context)}`)];
  }
  return [source.problem(whole, `${name} ${expectation(issue, context)}${shown(value, whole, issue, context)}`)];
}

function unknownKey(key: string, at: Path, { source, schema, path, data }: Context): Problem {
  const known = knownKeys(schema, at, data);
  const meant = nearest(key, known);
  const hint = meant === undefined ? `known are ${known.join(', ')}` : `did you mean ${meant}?`;
  const whole = [...path, ...at, key];
  return source.keyProblem(whole, `${pathText(whole)} is not known here; ${hint}`);
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'must be a text',
  number: 'must be a number',
  int: 'must be a whole number',
  boolean: 'must be true or false',
  object: 'must hold keys and values',
  record: 'must hold keys and values',
  array: 'must be a list',
};

/** What should stand there. A message that a schema brings itself begins with `must`, and goes before zod's own. */
function expectation(issue: Issue, context: Context): string {
  if (/^(must|is|cannot) /.test(issue.message)) return issue.message;
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
      return `must be ${knownDiscriminators(context.schema, issue.path, context.data).join(' or ')}`;
    default:
      return `is wrong: ${issue.message}`;
  }
}

const SECRET_NAME = /password|secret|token|key|credential/i;

/** A user with a password, or a parameter, of a URL. */
const URL_SECRET = /[@?]/;

/** `, not "x"`, with the name that was meant; never what came from the environment or may be a secret. */
function shown(value: unknown, whole: Path, issue: Issue, context: Context): string {
  if (issue.code === 'custom' || context.source.isSubstituted(whole)) return '';
  if (whole.some((part) => SECRET_NAME.test(String(part)))) return '';
  if ((typeof value === 'object' && value !== null) || isOutOfPlace(value, issue)) return '';
  const text = JSON.stringify(value);
  if (URL_SECRET.test(text)) return '';
  const meant = nearest(String(value), choices(issue, context));
  return `, not ${text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text}${meant === undefined ? '' : `; did you mean ${meant}?`}`;
}

/** Where keys and values belong, nobody knows what a text is. */
const isOutOfPlace = (value: unknown, issue: Issue): boolean =>
  typeof value === 'string' && issue.code === 'invalid_type' && ['object', 'record'].includes(issue.expected);

function choices(issue: Issue, context: Context): string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  return issue.code === 'invalid_union' ? knownDiscriminators(context.schema, issue.path, context.data) : [];
}

function valueAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, part) => (value as Record<PropertyKey, unknown> | null | undefined)?.[part],
    data,
  );
}
