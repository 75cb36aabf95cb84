import { createHash } from 'node:crypto';
import { isAbsolute, relative } from 'node:path';
import type { z } from 'esp-host';
import { ConfigError, type Problem } from '#server';
import { notFound } from '../errors.js';
import type { RunningPlatform } from '../runtime/index.js';
import { parseStrategy, strategySchema } from '../strategies/index.js';
import { httpStubFileSchema, parseHttpStubs, parseStubs, stubFileSchema } from '../stubs/index.js';
import { jsonSchemaOf } from './schemas.js';
import { strategyPaths } from './strategy-files.js';

/** Loads the text of a file. @throws ConfigError */
type Load = (text: string, file: string) => unknown;

/** How the files of each kind are loaded, and their schemas. */
const KINDS = {
  stubs: { load: parseStubs as Load, schema: stubFileSchema as z.ZodType },
  'http-stubs': { load: parseHttpStubs as Load, schema: httpStubFileSchema as z.ZodType },
  strategy: { load: parseStrategy as Load, schema: strategySchema as z.ZodType },
};

export type FileKind = keyof typeof KINDS;

/** A file that the platform uses, and that clients may change. */
export interface UsedFile {
  /** Clients name files by this id. No path comes from them. */
  readonly id: string;
  readonly path: string;
  readonly kind: FileKind;
  /** The applications or upstreams of a stub file. */
  readonly owners: readonly string[];
  /** What is wrong with a stub file that changed. The stubs of the previous version stay. */
  readonly problems: readonly Problem[];
}

/** The stub files of platform.yaml, then the files in its folder of strategies. */
export function usedFiles({ stubFiles, world }: RunningPlatform): UsedFile[] {
  return [
    ...stubFiles.list(),
    ...strategyPaths(world.strategies).map((path) => ({ path, kind: 'strategy' as const, owners: [], problems: [] })),
  ].map((file) => ({ id: fileId(file.path), ...file }));
}

/** Stable, so that a client finds a file again after a restart. */
export const fileId = (path: string): string => createHash('sha256').update(path).digest('hex').slice(0, 16);

/** @throws AdminError 404 */
export function usedFile(platform: RunningPlatform, id: string): UsedFile {
  const file = usedFiles(platform).find((one) => one.id === id);
  if (file === undefined) throw notFound(`unknown file ${id}; /api/files lists the files`);
  return file;
}

/** What is wrong with a text, as `esp-host check` reports it; undefined if it can be loaded. */
export function mistakesIn({ kind, path }: UsedFile, text: string): ConfigError | undefined {
  try {
    KINDS[kind].load(text, shownPath(path));
    return undefined;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error;
  }
}

/** The JSON Schema of the files of a kind, for completion. */
export const schemaOf = (kind: FileKind): Record<string, unknown> => jsonSchemaOf(KINDS[kind].schema);

/** The path, relative to the working directory if it is inside. */
export function shownPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') || isAbsolute(short) ? path : short;
}
