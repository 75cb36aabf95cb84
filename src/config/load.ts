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
  /** The checked values. */
  readonly config: T;

  constructor(source: Source, schema: z.ZodType<T>) {
    this.#source = source;
    this.directory = dirname(resolve(source.file));
    this.config = validate(source, this.directory, [], schema);
  }

  get file(): string {
    return this.#source.file;
  }

  /** Checks the part at `path`; a part that is not there counts as empty. @throws ConfigError */
  validate<P>(path: Path, schema: z.ZodType<P>): P {
    return validate(this.#source, this.directory, path, schema);
  }

  /**
   * An error at the value at `path`: `message` follows the value's name, then the choice that is nearest to `word`:
   * the value, unless given.
   */
  problem(path: Path, message: string, choices: readonly string[] = [], word = String(this.#value(path))): ConfigError {
    const meant = nearest(word, choices);
    const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
    return new ConfigError([this.#source.problem(path, `${pathText(path)} ${message}${hint}`)]);
  }

  #value(path: Path): unknown {
    return path.reduce<unknown>(
      (at, part) => (at as Record<PropertyKey, unknown> | undefined)?.[part],
      this.#source.data,
    );
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
