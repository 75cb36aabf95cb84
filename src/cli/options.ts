import { existsSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Charset, charset } from '../wire/index.js';
import { failCommand } from './errors.js';

// Arguments and options that several commands share.

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `host:port`, `[::1]:port` or `:port` (loopback). @throws InvalidArgumentError */
export function parseAddress(text: string): Address {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65535) throw new InvalidArgumentError('Expected HOST:PORT, with a port up to 65535.');
  return { host: match[1] ?? (match[2] || '127.0.0.1'), port };
}

/** The text that `parseAddress` reads: `host:port`, or `[::1]:port`. */
export const addressText = ({ host, port }: Address): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;

/** An option with an address and a default. */
export const addressOption = (flags: string, description: string, fallback: string): Option =>
  new Option(flags, description).argParser(parseAddress).default(parseAddress(fallback), fallback);

export interface ServiceMethod {
  readonly service: string;
  readonly method: string;
}

/** `Service.Method`; the service may contain dots. @throws InvalidArgumentError */
export function serviceMethod(text: string): ServiceMethod {
  const dot = text.lastIndexOf('.');
  if (dot < 1 || dot === text.length - 1) throw new InvalidArgumentError('Expected Service.Method.');
  return { service: text.slice(0, dot), method: text.slice(dot + 1) };
}

/** A parser of whole numbers from 1 to `most`. @throws InvalidArgumentError */
export const wholeNumber =
  (most = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const value = /^\d+$/.test(text) ? Number(text) : 0;
    if (value >= 1 && value <= most) return value;
    const range = most === Number.MAX_SAFE_INTEGER ? 'greater than 0' : `from 1 to ${most}`;
    throw new InvalidArgumentError(`Expected a whole number ${range}.`);
  };

/** Limit of a message, larger than what any server allows. */
export const MESSAGE_BYTES = 256 << 20;

/** What a timer can hold: up to 24 days. */
export const milliseconds = wholeNumber(0x7fffffff);

/** An option that may be given several times. */
export const repeatable = (flags: string, description: string): Option =>
  new Option(flags, description).argParser((word: string, before: string[]) => [...before, word]).default([], 'none');

export const charsetOption = (description = 'charset of type 0 strings'): Option =>
  new Option('--charset <name>', description).default('utf-8');

/** The charset that `--charset` names. @throws CommandError */
export function namedCharset(name: string): Charset {
  try {
    return charset(name);
  } catch (error) {
    return failCommand(error);
  }
}

const CONFIG = 'config.yaml';

export const configOption = (description = 'configuration file'): Option =>
  new Option('--config <file>', description).default(CONFIG);

/** `--config` for commands that work without a configuration file. */
export const optionalConfigOption = (description: string): Option =>
  new Option('--config <file>', description).default(
    existsSync(CONFIG) ? CONFIG : undefined,
    `${CONFIG}, if it exists`,
  );

const PLATFORM = 'platform.yaml';
/** Deprecated default of `--platform`, read for one minor version. */
const FORMER_PLATFORM = 'mock-platform/platform.yaml';

export const platformOption = (): Option =>
  new Option('--platform <file>', 'mock platform file: the platform around the host').default(
    [PLATFORM, FORMER_PLATFORM].find(existsSync),
    `${PLATFORM}; without it, the application and the plugins' mocks of the configuration file`,
  );

/** Warns if a command reads platform.yaml at its former place without being told to. */
export function warnOfFormerPlatform(command: Command): void {
  if (command.getOptionValueSource('platform') !== 'default') return;
  if (command.getOptionValue('platform') !== FORMER_PLATFORM) return;
  process.stderr.write(`${FORMER_PLATFORM} is deprecated as the default of --platform: move it to ${PLATFORM}\n`);
}
