import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Problem } from '../config/index.js';

/** A message of esbuild. Lines count from 1, columns from 0; files are relative to the current folder. */
interface Message {
  readonly text: string;
  readonly location: { readonly file: string; readonly line: number; readonly column: number } | null;
}

/**
 * Where in the plugin's code an error comes from. For a failed build, each place with the message of esbuild; for an
 * exception, the innermost stack frame in the plugin's own code, with `message`. Empty if the error does not say.
 */
export function codeProblems(error: unknown, message: string): Problem[] {
  if (!(error instanceof Error)) return [];
  const { errors } = error as { errors?: unknown };
  if (isBuildFailure(errors)) return errors.flatMap(compileProblem);
  const place = syntaxPlace(error) ?? thrownPlace(error);
  return place === undefined ? [] : [{ ...place, message }];
}

const isBuildFailure = (errors: unknown): errors is Message[] =>
  Array.isArray(errors) && errors.every((one) => typeof one === 'object' && one !== null && 'location' in one);

type Place = Omit<Problem, 'message'>;

function compileProblem({ text, location }: Message): Problem[] {
  if (location === null) return [];
  const { file, line, column } = location;
  return [{ file: resolve(file), line, column: column + 1, message: text }];
}

/** The stack of a syntax error begins with the place, the line of code, and a caret below it. */
function syntaxPlace({ stack = '' }: Error): Place | undefined {
  const found = /^(\S.*):(\d+)\n.*\n( *)\^/.exec(stack);
  const [, file = '', line, before = ''] = found ?? [];
  return found === null ? undefined : { file: pathOf(file), line: Number(line), column: before.length + 1 };
}

function thrownPlace({ stack = '' }: Error): Place | undefined {
  for (const line of stack.split('\n')) {
    const place = framePlace(line);
    if (place !== undefined && isOfPlugin(place.file)) return place;
  }
  return undefined;
}

/** `    at run (FILE:LINE:COLUMN)` or `    at FILE:LINE:COLUMN`. The lines before these are the message: any text. */
function framePlace(text: string): Place | undefined {
  const start = /^ +at /.exec(text)?.[0].length;
  const end = /:(\d+):(\d+)\)?$/.exec(text);
  if (start === undefined || end === null) return undefined;
  const [, line, column] = end;
  const from = text.endsWith(')') ? text.indexOf(' (', start) + 2 : start;
  const file = pathOf(text.slice(from, end.index));
  return { file, line: Number(line), column: Number(column) };
}

const pathOf = (file: string): string =>
  file.startsWith('file:') ? fileURLToPath(file.replace(/[?#].*/, '')) : file.replace(/\?.*/, '');

/** Excludes Node, packages, and the host. */
const isOfPlugin = (path: string): boolean =>
  /^([a-zA-Z]:)?[\\/]/.test(path) && !/[\\/]node_modules[\\/]/.test(path) && !path.startsWith(HOST);

/** The folder that contains all of esp-host. */
const HOST = fileURLToPath(new URL('../..', import.meta.url));
