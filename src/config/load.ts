import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { ConfigError } from './errors.js';
import { type Config, type ConfigParts, configParts, configSchema } from './schema.js';
import { type Path, pathText, Source } from './source.js';
import { nearest } from './suggestions.js';
import { validate } from './validate.js';

/** A file with its checked values. Parts whose schemas come from plugins are checked later, with `validate`. */
export class LoadedFile<T> {
  /** The folder of the file; paths in the file are relative to it. */
  readonly directory: string;
  readonly #source: Source;
  /** The files that values name, by the top-level key they were found under; WHOLE for the file's own schema. */
  readonly #named = new Map<PropertyKey, Set<string>>();
  /** The checked values. */
  readonly config: T;

  /** @internal */
  constructor(source: Source, schema: z.ZodType<T>) {
    this.#source = source;
    this.directory = dirname(resolve(source.file));
    this.config = this.validate([], schema);
  }

  get file(): string {
    return this.#source.file;
  }

  /** Checks the part at `path`; a missing part counts as empty. @throws ConfigError @internal */
  validate<P>(path: Path, schema: z.ZodType<P>): P {
    const [part = WHOLE] = path;
    const files = this.#named.get(part) ?? new Set();
    this.#named.set(part, files);
    return validate(this.#source, this.directory, path, schema, files);
  }

  /** The absolute paths of this file and of all files that its values name. */
  get files(): readonly string[] {
    return [...new Set([resolve(this.file), ...[...this.#named.values()].flatMap((files) => [...files])])];
  }

  /**
   * A hash of these top-level parts of the file, and of the content of the files that a plugin's schema found in them.
   * @internal
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
   * An error at the value at `path`. `message` follows the value's path; a suggestion follows, if one of `choices` is
   * similar to `word`, which defaults to the value.
   * @internal
   */
  problem(path: Path, message: string, choices: readonly string[] = [], word = String(this.given(path))): ConfigError {
    const meant = nearest(word, choices);
    const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
    return new ConfigError([this.#source.problem(path, `${pathText(path)} ${message}${hint}`)]);
  }

  /** An error that lists mistakes found below `path` after the file was checked. @internal */
  mistakes(path: Path, mistakes: readonly { readonly path: Path; readonly message: string }[]): ConfigError {
    return new ConfigError(
      mistakes.map(({ path: inner, message }) => {
        const whole = [...path, ...inner];
        return this.#source.problem(whole, `${pathText(whole)} ${message}`);
      }),
    );
  }

  /** The unchecked value at `path`, with environment variables substituted. @internal */
  given(path: Path): unknown {
    return path.reduce<unknown>(
      (at, part) => (at as Record<PropertyKey, unknown> | undefined)?.[part],
      this.#source.data,
    );
  }
}

/** The key of the whole file among its parts. */
const WHOLE = Symbol('whole');

/** Empty if the file does not exist or is a folder. */
function contentOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.alloc(0);
  }
}

export type LoadedConfig = LoadedFile<Config>;

/** Reads config.yaml. @throws ConfigError with all problems */
export const loadConfig = (file: string, env: NodeJS.ProcessEnv = process.env): LoadedConfig =>
  loadYaml(file, configSchema, env);

/** What plugins and certificates are checked against. */
export type LoadedParts = LoadedFile<ConfigParts>;

/**
 * Reads the parts of an invalid config.yaml that can be checked with its plugins. Invalid parts count as missing.
 * @throws ConfigError if the file is not YAML, or uses variables that are not set
 */
export const loadParts = (file: string, env: NodeJS.ProcessEnv = process.env): LoadedParts =>
  loadYaml(file, configParts, env);

/** Parses the text of a config.yaml; `file` is its name in errors. @throws ConfigError */
export const parseConfig = (text: string, file = 'config.yaml', env: NodeJS.ProcessEnv = process.env): LoadedConfig =>
  new LoadedFile(new Source(file, text, env), configSchema);

/**
 * Reads a YAML file of any schema, with the same environment variables and error messages.
 * @param example what such a file may contain, for the error of an empty one
 * @throws ConfigError
 */
export function loadYaml<T>(
  file: string,
  schema: z.ZodType<T>,
  env: NodeJS.ProcessEnv = process.env,
  example?: string,
): LoadedFile<T> {
  return parseYaml(read(file), file, schema, env, example);
}

/**
 * Parses the text of a YAML file of any schema; `file` is its name in errors.
 * @param example what such a file may contain, for the error of an empty one
 * @throws ConfigError
 */
export const parseYaml = <T>(
  text: string,
  file: string,
  schema: z.ZodType<T>,
  env: NodeJS.ProcessEnv = {},
  example?: string,
): LoadedFile<T> => new LoadedFile(new Source(file, text, env, example), schema);

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'no such file: create it, or name another' : `cannot be read: ${message}`;
    throw new ConfigError([{ code: 'ESP_CONFIG_UNREADABLE_FILE', file, line: 1, column: 1, message: why }]);
  }
}
