import { CodedError, type ErrorTable } from '../esp/index.js';

/** Errors of configuration files: config.yaml, platform.yaml, stubs and strategies. */
export const CONFIG_ERRORS = {
  ESP_CONFIG_INVALID:
    'A file cannot be used. `problems` lists everything that is wrong, each with one of the codes below, file, line and column.',
  ESP_CONFIG_UNREADABLE_FILE: 'The file does not exist or cannot be read.',
  ESP_CONFIG_INVALID_YAML: 'The file is not valid YAML, or its top level is not a mapping.',
  ESP_CONFIG_MISSING_VARIABLE: 'A value uses an environment variable that is not set, and gives no default.',
  ESP_CONFIG_UNKNOWN_KEY: 'The schema has no such key. The message suggests the nearest one, or lists them all.',
  ESP_CONFIG_MISSING_KEY: 'A required key is missing.',
  ESP_CONFIG_INVALID_VALUE: 'A value has the wrong type, is out of range, or names something that cannot be used.',
} as const satisfies ErrorTable;

export type ConfigErrorCode = keyof typeof CONFIG_ERRORS;

/** Something wrong at one place of a file; line and column count from 1. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** Something wrong in a configuration file. */
export interface ConfigProblem extends Problem {
  readonly code: Exclude<ConfigErrorCode, 'ESP_CONFIG_INVALID'>;
}

/** A configuration file that cannot be used. The message has a line `file:line:column: message` per problem. */
export class ConfigError extends CodedError<ConfigErrorCode> {
  override readonly name = 'ConfigError';
  constructor(
    readonly problems: readonly ConfigProblem[],
    options?: ErrorOptions,
  ) {
    const lines = problems.map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`);
    super('ESP_CONFIG_INVALID', lines.join('\n'), options);
  }
}

/** Collects the errors of several checks, so that one run reports all of them. */
export class ConfigErrors {
  readonly #all: ConfigError[] = [];

  get any(): boolean {
    return this.#all.length > 0;
  }

  /** Undefined if `check` fails. @throws any error but ConfigError */
  attempt<T>(check: () => T): T | undefined {
    try {
      return check();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      this.#all.push(error);
      return undefined;
    }
  }

  add(error: ConfigError): void {
    this.#all.push(error);
  }

  /** @throws ConfigError if there are errors */
  throwAny(): void {
    if (this.any) this.throwAll();
  }

  /** Throws the only error as it is, or one error with the problems of all. @throws ConfigError */
  throwAll(): never {
    const [first, second] = this.#all;
    if (first !== undefined && second === undefined) throw first;
    throw new ConfigError(inOrder(this.#all.flatMap(({ problems }) => problems)), {
      cause: new AggregateError(this.#all),
    });
  }
}

/** Each problem once, in the order of the file. */
const inOrder = (problems: readonly ConfigProblem[]): ConfigProblem[] =>
  [...new Map(problems.map((one) => [`${one.file}:${one.line}:${one.column}: ${one.message}`, one])).values()].sort(
    (a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column,
  );

/** A value uses an environment variable that is not set, and gives no default. */
export class MissingVariableError extends CodedError<ConfigErrorCode> {
  override readonly name = 'MissingVariableError';
  constructor(readonly variable: string) {
    super(
      'ESP_CONFIG_MISSING_VARIABLE',
      `uses the environment variable ${variable}, which is not set: set it, or write \${${variable}:-default}`,
    );
  }
}
