import type { LogLevel, RootLogger } from '../telemetry/index.js';

export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  /** With those of the logger that wrote it: `referenceId`, `client`, `method`, or `plugin`. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A logger that keeps every line, of every level. */
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

  /** Whatever is configured, every line is kept. */
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
