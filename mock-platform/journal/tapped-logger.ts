import type { LoggingOptions, LogLevel, RootLogger } from '#server';
import type { LogRecord } from './journal.js';

/** A logger that also passes each line, with its fields, to a tap. */
export class TappedLogger implements RootLogger {
  constructor(
    private readonly logger: RootLogger,
    private readonly tap: (record: LogRecord) => void,
    private readonly fields: Readonly<Record<string, unknown>> = {},
  ) {}

  child(fields: Record<string, unknown>): RootLogger {
    return new TappedLogger(this.logger.child(fields), this.tap, { ...this.fields, ...fields });
  }

  configure(options: LoggingOptions): void {
    this.logger.configure(options);
  }

  enabled(level: LogLevel): boolean {
    return this.logger.enabled(level);
  }

  error(message: string, fields?: Record<string, unknown>): void {
    this.#log('error', message, fields);
  }

  warn(message: string, fields?: Record<string, unknown>): void {
    this.#log('warn', message, fields);
  }

  info(message: string, fields?: Record<string, unknown>): void {
    this.#log('info', message, fields);
  }

  debug(message: string, fields?: Record<string, unknown>): void {
    this.#log('debug', message, fields);
  }

  #log(level: LogLevel, message: string, fields: Record<string, unknown> = {}): void {
    if (!this.logger.enabled(level)) return;
    this.logger[level](message, fields);
    this.tap({ at: Date.now(), level, message, fields: { ...this.fields, ...fields } });
  }
}
