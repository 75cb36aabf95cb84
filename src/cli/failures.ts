import { realpathSync } from 'node:fs';
import { basename, dirname, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Prepared } from '../server/index.js';
import { packageRoot } from './package-root.js';

/** Something that went wrong where no request can be answered with it: in a timer, a listener, a forgotten promise. */
export interface Failure {
  readonly kind: 'exception' | 'rejection' | 'exit';
  /** The plugin whose code the stack shows first; undefined where it shows none. */
  readonly plugin: string | undefined;
  readonly text: string;
  readonly stack: string | undefined;
}

/** Where a plugin's code is. */
export interface PluginFolder {
  readonly name: string;
  readonly folder: string;
}

interface Telemetry {
  errorText(error: unknown): string;
  cutText(text: string, most: number): string;
}

/** Most characters of a stack that are kept; its frames are looked for at its end. */
const STACK = 8000;

/** What `process.exit` throws in place of ending the process, so that the code behind it does not run. */
class ExitCalled extends Error {
  override readonly name = 'ExitCalled';
}

/**
 * Tells of each exception that nothing catches, each promise whose rejection nothing handles, and each `process.exit`
 * that is not the host's own; the process goes on.
 */
export function watchFailures(
  { errorText, cutText }: Telemetry,
  plugins: () => readonly PluginFolder[],
  tell: (failure: Failure) => void,
): void {
  const failed = (kind: 'exception' | 'rejection', what: string, error: unknown): void => {
    // That one is told already.
    if (error instanceof ExitCalled) return;
    const stack = stackOf(error);
    const plugin = stack === undefined ? undefined : ownerOf(stack, plugins());
    tell({ kind, plugin, text: `${what}: ${errorText(error)}`, stack: stack && cutText(stack, STACK) });
  };
  process.on('uncaughtException', (error) =>
    failed('exception', 'an exception was thrown and nobody catches it', error),
  );
  process.on('unhandledRejection', (error) =>
    failed('rejection', 'a promise was rejected and nobody handles it', error),
  );
  const exit = process.exit.bind(process);
  process.exit = (code) => {
    const stack = callers();
    if (isHost(stack, plugins())) return exit(code);
    const plugin = ownerOf(stack, plugins());
    const text = `process.exit(${code ?? ''}) was called`;
    tell({ kind: 'exit', plugin, text, stack });
    throw new ExitCalled(`${text}: a plugin cannot end the process at once`);
  };
}

/** The folders of a configuration's plugins, as their stacks have them. @param entryOf `pluginEntry` */
export function foldersOf(
  { plugins, loaded }: Prepared,
  entryOf: (use: string, directory: string, typescript: boolean) => string,
): PluginFolder[] {
  return plugins.flatMap(({ use, definition }) => {
    try {
      const folder = dirname(realpathSync(entryOf(use, loaded.directory, false)));
      const isBuilt = basename(folder) === 'dist';
      return [{ name: definition.name, folder: isBuilt ? dirname(folder) : folder }];
    } catch {
      return []; // Its files have gone since.
    }
  });
}

const HOST = { name: undefined, folder: fileURLToPath(new URL('dist', packageRoot)) };

type Place = PluginFolder | typeof HOST;

/** The plugin of the first frame that belongs to one. */
function ownerOf(stack: string, plugins: readonly PluginFolder[]): string | undefined {
  for (const frame of framesOf(stack)) {
    const place = placeOf(frame, plugins);
    if (place?.name !== undefined) return place.name;
  }
  return undefined;
}

/** Whether the caller, that is the first frame, is the host's own code. */
const isHost = (stack: string, plugins: readonly PluginFolder[]): boolean =>
  placeOf(framesOf(stack)[0] ?? '', plugins) === HOST;

/** Of folders within each other, the innermost. */
function placeOf(frame: string, plugins: readonly PluginFolder[]): Place | undefined {
  const places: Place[] = [HOST, ...plugins].filter(({ folder }) => isIn(frame, folder));
  return places.sort((one, other) => other.folder.length - one.folder.length)[0];
}

/** ES modules stand in a stack with their URL, CommonJS with its path. */
const isIn = (frame: string, folder: string): boolean =>
  frame.includes(`${pathToFileURL(folder).href}/`) || frame.includes(folder + sep);

const framesOf = (stack: string): string[] =>
  stack
    .slice(-STACK)
    .split('\n')
    .filter((line) => line.startsWith('    at '));

/** Whatever was thrown: a stack may be anything, and reading it may throw. */
function stackOf(error: unknown): string | undefined {
  try {
    const { stack } = error as Error;
    return typeof stack === 'string' ? stack : undefined;
  } catch {
    return undefined;
  }
}

/** The stack of the code that called the function which calls this. */
function callers(): string {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 30;
  const holder = { stack: '' };
  Error.captureStackTrace(holder, process.exit);
  Error.stackTraceLimit = stackTraceLimit;
  return String(holder.stack);
}

/**
 * For a terminal: prints what went wrong without secrets, and goes on. Whoever writes a plugin wants to find the platform
 * still there.
 */
export function printFailures(telemetry: typeof import('../telemetry/index.js')): void {
  watchFailures(
    telemetry,
    () => [],
    ({ text, stack }) => {
      process.stderr.write(telemetry.maskSecrets(`${text}\n${stack ?? ''}\n`));
    },
  );
}
