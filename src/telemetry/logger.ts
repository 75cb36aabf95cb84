import { inspect } from 'node:util';
import winston from 'winston';
import { maskPhoneNumbersIn } from './phone-numbers.js';
import { isSecretKey, MASK, maskValues } from './secrets.js';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/** What a plugin logs with. `fields` stand beside the message: as JSON members, or `name=value`. */
export interface Logger {
  error(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  debug(message: string, fields?: Record<string, unknown>): void;
}

/** The host's logger: gives loggers that add fields to each line, and tells whether a level is written at all. */
export interface RootLogger extends Logger {
  child(fields: Record<string, unknown>): RootLogger;
  enabled(level: LogLevel): boolean;
  /** From now on this logger, and all that it gave, write in this way. */
  configure(options: LoggingOptions): void;
}

export interface LoggingOptions {
  readonly level: LogLevel;
  readonly format: 'text' | 'json';
  /** Whether all digits but the last three of phone numbers are left out; they are unless somebody says `shown`. */
  readonly phoneNumbers?: 'masked' | 'shown';
}

/** Logs to stderr: stdout belongs to a command's results. */
export function createLogger(options: LoggingOptions, stream: NodeJS.WritableStream = process.stderr): RootLogger {
  const logger = winston.createLogger({
    level: options.level,
    format: formatOf(options),
    transports: [new winston.transports.Stream({ stream })],
  });
  return new WinstonLogger(logger, {});
}

function formatOf({ format, phoneNumbers }: LoggingOptions): winston.Logform.Format {
  const { combine, json, printf } = winston.format;
  const text = printf(({ timestamp, level, message, ...fields }) => {
    return `${timestamp} ${level.toUpperCase().padEnd(5)} ${oneLine(String(message))}${fieldsText(fields)}`;
  });
  const masks = phoneNumbers === 'shown' ? [withoutSecrets()] : [withoutSecrets(), withoutPhoneNumbers()];
  return combine(...masks, format === 'json' ? json() : text);
}

/** How deep the fields of a line are looked into. */
export const FIELDS_DEPTH = 8;

/** Whatever a plugin, or an error of a library, brings along. */
const withoutSecrets = winston.format((info) => {
  for (const [name, value] of Object.entries(info))
    info[name] = isSecretKey(name) ? MASK : maskValues(value, FIELDS_DEPTH);
  return info;
});

const withoutPhoneNumbers = winston.format((info) => {
  for (const [name, value] of Object.entries(info)) {
    if (name !== 'timestamp') info[name] = maskPhoneNumbersIn(value);
  }
  return info;
});

class WinstonLogger implements RootLogger {
  constructor(
    private readonly logger: winston.Logger,
    private readonly fields: Record<string, unknown>,
  ) {}

  child(fields: Record<string, unknown>): RootLogger {
    return new WinstonLogger(this.logger, { ...this.fields, ...fields });
  }

  enabled(level: LogLevel): boolean {
    return this.logger.isLevelEnabled(level);
  }

  configure(options: LoggingOptions): void {
    this.logger.level = options.level;
    this.logger.format = formatOf(options);
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

  #log(level: LogLevel, message: string, fields: Record<string, unknown> | undefined): void {
    if (!this.enabled(level)) return;
    const timestamp = new Date().toISOString();
    this.logger.log({ ...this.fields, ...fields, timestamp, level, message });
  }
}

/** ` name=value` for each field; a stack comes behind them on lines of its own, set in so that none looks like a log line. */
function fieldsText(fields: Record<string, unknown>): string {
  const { stack, ...rest } = fields;
  const pairs = Object.entries(rest).filter(([, value]) => value !== undefined);
  const line = pairs.map(([name, value]) => ` ${name}=${fieldText(value)}`);
  return line.join('') + (typeof stack === 'string' ? `\n${stack}`.replaceAll('\n', '\n    ') : '');
}

function fieldText(value: unknown): string {
  if (typeof value === 'string' && /^[\w.:/@+-]+$/.test(value)) return value;
  try {
    return oneLine(JSON.stringify(value));
  } catch {
    return oneLine(inspect(value, { breakLength: Number.POSITIVE_INFINITY }));
  }
}

/** What a client sends may be in a line, and must neither make lines of its own nor steer a terminal. */
const oneLine = (text: string): string =>
  text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, (sign) => ESCAPES[sign] ?? hexEscape(sign));

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const hexEscape = (sign: string): string => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
