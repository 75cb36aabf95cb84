import type { LogLevel, RootLogger } from '../telemetry/index.js';

/** A line of the log. */
export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  /** Including those of its logger: `referenceId`, `client` and `method`, or `plugin`. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A logger that keeps the lines of every level. */
export class CapturedLogger implements RootLogger {
  constructor(
    readonly lines: LogLine[] = [],
    private readonly fields: Record<string, unknown> = {},
  ) {}

  child(fields: Record<string, unknown>): RootLogger {
    return new CapturedLogger(this.lines, { ...this.fields, ...fields });
  }

  enabled(): boolean {
    return true;
  }

  /** Does nothing: every line is kept, whatever the configuration. */
  configure(): void {}

  error(message: string, fields?: Record<string, unknown>): void {
    this.#add('error', message, fields);
  }

  warn(message: string, fields?: Record<string, unknown>): void {
    this.#add('warn', message, fields);
  }

  info(message: string, fields?: Record<string, unknown>): void {
    this.#add('info', message, fields);
  }

  debug(message: string, fields?: Record<string, unknown>): void {
    this.#add('debug', message, fields);
  }

  #add(level: LogLevel, message: string, fields: Record<string, unknown> | undefined): void {
    this.lines.push({ level, message, fields: { ...this.fields, ...fields } });
  }
}
