import winston from 'winston';
import { type LoggingOptions, type LogLevel, type LogRecord, lineOf } from './log-line.js';
import { type LogSink, linesLost, stderrSink } from './log-sink.js';

/** Writes log lines. `fields` follow the message as JSON members, or as `name=value`. Never throws. */
export interface Logger {
  error(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  debug(message: string, fields?: Record<string, unknown>): void;
}

/** The logger of a host. */
export interface RootLogger extends Logger {
  /** A logger that adds `fields` to each line. */
  child(fields: Record<string, unknown>): RootLogger;
  /** Whether lines of this level are written. */
  enabled(level: LogLevel): boolean;
  /** Changes the options of this logger and of its children. */
  configure(options: LoggingOptions): void;
}

/** @param stream default: stderr, as stdout is for the results of commands */
export function createLogger(options: LoggingOptions, stream?: NodeJS.WritableStream): RootLogger {
  const stderr = stream === undefined ? stderrSink() : undefined;
  const sink = stderr ?? stream;
  stream?.on('error', () => linesLost.write++);
  const transport = new winston.transports.Stream({
    stream: stream ?? process.stderr,
    log(info: Formatted, next: () => void) {
      try {
        sink?.write(`${info[LINE]}\n`);
      } catch {
        linesLost.write++;
      }
      next();
    },
  });
  const logger = new WinstonLogger(winston.createLogger({ transports: [transport] }), {}, stderr);
  logger.configure(options);
  return logger;
}

/** The property in which a winston format puts the line. */
const LINE = Symbol.for('message');
type Formatted = Readonly<Record<typeof LINE, string>>;

let lastMs: number | undefined;
let lastTimestamp = '';

/** Lines of the same millisecond share the text, which costs as much as a tenth of a line. */
function timestampOf(ms: number): string {
  if (ms !== lastMs) lastTimestamp = new Date(ms).toISOString();
  lastMs = ms;
  return lastTimestamp;
}

/** A level includes the levels before it. */
const RANKS: Readonly<Record<LogLevel, number>> = { error: 0, warn: 1, info: 2, debug: 3 };

class WinstonLogger implements RootLogger {
  constructor(
    private readonly logger: winston.Logger,
    private readonly fields: Record<string, unknown>,
    private readonly stderr: LogSink | undefined,
  ) {}

  child(fields: Record<string, unknown>): RootLogger {
    return new WinstonLogger(this.logger, { ...this.fields, ...fields }, this.stderr);
  }

  enabled(level: LogLevel): boolean {
    return RANKS[level] <= RANKS[this.logger.level as LogLevel];
  }

  configure(options: LoggingOptions): void {
    this.logger.level = options.level;
    this.logger.format = winston.format.printf(({ record }) => lineOf(record as LogRecord, options));
    if (this.stderr === undefined) return;
    this.stderr.format = (message) =>
      `${lineOf({ timestamp: new Date().toISOString(), level: 'error', message, fields: {} }, options)}\n`;
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

  /** A line that cannot be formatted is lost and counted. */
  #log(level: LogLevel, message: string, fields: Record<string, unknown> | undefined): void {
    if (!this.enabled(level)) return;
    try {
      const record: LogRecord = {
        timestamp: timestampOf(Date.now()),
        level,
        message,
        fields: { ...this.fields, ...fields },
      };
      this.logger.log({ level, message: '', record });
    } catch {
      linesLost.failed++;
    }
  }
}
