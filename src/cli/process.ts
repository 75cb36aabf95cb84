import { realpathSync } from 'node:fs';
import { basename, dirname, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ExitError } from './errors.js';
import { packageRoot } from './files.js';

/** `npm start` forwards the Ctrl-C that the terminal has sent already: two signals this close together are one. */
const ONE_PRESS_MS = 300;

/**
 * Resolves at Ctrl-C or SIGTERM; another signal ends the process at once. Call it before starting anything, so that it
 * does not miss a signal.
 */
export function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let first: number | undefined;
    const stop = (signal: NodeJS.Signals): void => {
      first ??= performance.now();
      if (performance.now() - first > ONE_PRESS_MS) process.exit(130);
      resolve(signal);
    };
    process.on('SIGINT', stop).on('SIGTERM', stop);
  });
}

/** A failure outside of any request: in a timer, a listener or an unhandled promise. */
export interface Failure {
  readonly kind: 'exception' | 'rejection' | 'exit';
  /** The plugin whose code is first in the stack; undefined if there is none. */
  readonly plugin: string | undefined;
  readonly text: string;
  readonly stack: string | undefined;
}

/** The folder of a plugin's code. */
export interface PluginFolder {
  readonly name: string;
  readonly folder: string;
}

interface Telemetry {
  errorText(error: unknown): string;
  cutText(text: string, most: number): string;
}

/** Limit of a stack, in characters. Frames are searched at its end. */
const STACK = 8000;

/**
 * Reports uncaught exceptions, unhandled rejections, and calls of `process.exit` by code other than the host's. The
 * process continues.
 */
export function watchFailures(
  { errorText, cutText }: Telemetry,
  plugins: () => readonly PluginFolder[],
  report: (failure: Failure) => void,
): void {
  const failed = (kind: 'exception' | 'rejection', what: string, error: unknown): void => {
    if (error instanceof ExitError) return; // reported already
    const stack = stackOf(error);
    const plugin = stack === undefined ? undefined : ownerOf(stack, plugins());
    report({ kind, plugin, text: `${what}: ${errorText(error)}`, stack: stack && cutText(stack, STACK) });
  };
  process.on('uncaughtException', (error) => failed('exception', 'uncaught exception', error));
  process.on('unhandledRejection', (error) => failed('rejection', 'unhandled promise rejection', error));
  const exit = process.exit.bind(process);
  process.exit = (code) => {
    const stack = callers();
    if (isHost(stack, plugins())) return exit(code);
    const plugin = ownerOf(stack, plugins());
    const text = `process.exit(${code ?? ''}) was called`;
    report({ kind: 'exit', plugin, text, stack });
    throw new ExitError(text);
  };
}

interface Plugins {
  readonly plugins: readonly { readonly use: string; readonly definition: { readonly name: string } }[];
  readonly loaded: { readonly directory: string };
}

/** The folders of the plugins, as they appear in stacks. @param entryOf `pluginEntry` */
export function foldersOf(
  { plugins, loaded }: Plugins,
  entryOf: (use: string, directory: string, typescript: boolean) => string,
): PluginFolder[] {
  return plugins.flatMap(({ use, definition }) => {
    try {
      const folder = dirname(realpathSync(entryOf(use, loaded.directory, false)));
      const isBuilt = basename(folder) === 'dist';
      return [{ name: definition.name, folder: isBuilt ? dirname(folder) : folder }];
    } catch {
      return []; // its files are gone
    }
  });
}

const HOST = { name: undefined, folder: fileURLToPath(new URL('dist', packageRoot)) };

type Place = PluginFolder | typeof HOST;

/** The plugin of the first frame in plugin code. */
function ownerOf(stack: string, plugins: readonly PluginFolder[]): string | undefined {
  for (const frame of framesOf(stack)) {
    const place = placeOf(frame, plugins);
    if (place?.name !== undefined) return place.name;
  }
  return undefined;
}

/** Whether the caller, the first frame, is code of the host. */
const isHost = (stack: string, plugins: readonly PluginFolder[]): boolean =>
  placeOf(framesOf(stack)[0] ?? '', plugins) === HOST;

/** The innermost folder that contains the frame. */
function placeOf(frame: string, plugins: readonly PluginFolder[]): Place | undefined {
  const places: Place[] = [HOST, ...plugins].filter(({ folder }) => isIn(frame, folder));
  return places.sort((one, other) => other.folder.length - one.folder.length)[0];
}

/** A stack shows the URLs of ES modules, and the paths of CommonJS modules. */
const isIn = (frame: string, folder: string): boolean =>
  frame.includes(`${pathToFileURL(folder).href}/`) || frame.includes(folder + sep);

const framesOf = (stack: string): string[] =>
  stack
    .slice(-STACK)
    .split('\n')
    .filter((line) => line.startsWith('    at '));

/** Anything may be thrown: `stack` may not be a string, and reading it may throw. */
function stackOf(error: unknown): string | undefined {
  try {
    const { stack } = error as Error;
    return typeof stack === 'string' ? stack : undefined;
  } catch {
    return undefined;
  }
}

/** The stack of the code that called `process.exit`. */
function callers(): string {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 30;
  const holder = { stack: '' };
  Error.captureStackTrace(holder, process.exit);
  Error.stackTraceLimit = stackTraceLimit;
  return String(holder.stack);
}

/** Prints failures without secrets, and continues: `mock` and `dev` survive mistakes in plugins. */
export function printFailures(telemetry: typeof import('../telemetry/index.js')): void {
  watchFailures(
    telemetry,
    () => [],
    ({ text, stack }) => {
      process.stderr.write(telemetry.maskSecrets(`${text}\n${stack ?? ''}\n`));
    },
  );
}
