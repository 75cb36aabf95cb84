import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { nearest } from './nearest.js';
import { ConfigError, type Path, pathText } from './problems.js';
import { type Config, configSchema } from './schema.js';
import { Source } from './source.js';
import { validate } from './validate.js';

/** A file with its checked values; the parts that plugins bring the schemas of are checked later, in the same words. */
export class LoadedFile<T> {
  /** Where the paths in the file begin. */
  readonly directory: string;
  readonly #source: Source;
  /** The files that values name, by the part of the file that was checked: the whole of it, or what a plugin checks. */
  readonly #named = new Map<PropertyKey, Set<string>>();
  /** The checked values. */
  readonly config: T;

  constructor(source: Source, schema: z.ZodType<T>) {
    this.#source = source;
    this.directory = dirname(resolve(source.file));
    this.config = this.validate([], schema);
  }

  get file(): string {
    return this.#source.file;
  }

  /** Checks the part at `path`; a part that is not there counts as empty. @throws ConfigError */
  validate<P>(path: Path, schema: z.ZodType<P>): P {
    const [part = WHOLE] = path;
    const files = this.#named.get(part) ?? new Set();
    this.#named.set(part, files);
    return validate(this.#source, this.directory, path, schema, files);
  }

  /** This file and every file that its values name, as absolute paths. */
  get files(): readonly string[] {
    return [...new Set([resolve(this.file), ...[...this.#named.values()].flatMap((files) => [...files])])];
  }

  /**
   * A text that stays the same as long as these top-level parts of the file do, with what is in the files that they
   * name where a plugin checks them.
   */
  fingerprint(parts: readonly (keyof T & string)[]): string {
    const data = this.#source.data as Record<string, unknown>;
    const hash = createHash('sha256');
    for (const part of parts) {
      hash.update(`${part} ${JSON.stringify(data[part])}\n`);
      for (const file of this.#named.get(part) ?? []) hash.update(`${file} `).update(contentOf(file));
    }
    return hash.digest('hex');
  }

  /**
   * An error at the value at `path`: `message` follows the value's name, then the choice that is nearest to `word`:
   * the value, unless given.
   */
  problem(path: Path, message: string, choices: readonly string[] = [], word = String(this.given(path))): ConfigError {
    const meant = nearest(word, choices);
    const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
    return new ConfigError([this.#source.problem(path, `${pathText(path)} ${message}${hint}`)]);
  }

  /** The value there as it is written, with the environment's put in. */
  given(path: Path): unknown {
    return path.reduce<unknown>(
      (at, part) => (at as Record<PropertyKey, unknown> | undefined)?.[part],
      this.#source.data,
    );
  }
}

/** Stands for the whole file among its parts. */
const WHOLE = Symbol('whole');

/** Of a file that is not there, or is a folder: nothing. */
function contentOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.alloc(0);
  }
}

export type LoadedConfig = LoadedFile<Config>;

/** Reads config.yaml. @throws ConfigError with file:line:column of everything that is wrong */
export const loadConfig = (file: string, env: NodeJS.ProcessEnv = process.env): LoadedConfig =>
  loadYaml(file, configSchema, env);

/** The same from a text that stands for `file`. @throws ConfigError */
export const parseConfig = (text: string, file = 'config.yaml', env: NodeJS.ProcessEnv = process.env): LoadedConfig =>
  new LoadedFile(new Source(file, text, env), configSchema);

/** Reads any YAML file by its schema, with the same positions, environment and hints. @throws ConfigError */
export function loadYaml<T>(file: string, schema: z.ZodType<T>, env: NodeJS.ProcessEnv = process.env): LoadedFile<T> {
  return new LoadedFile(new Source(file, read(file), env), schema);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file; write one, or name another' : `cannot be read: ${message}`;
    throw new ConfigError([{ file, line: 1, column: 1, message: why }]);
  }
}
