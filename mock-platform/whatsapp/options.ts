import { Directory } from './directory.js';
import { NotE164Error, parseE164 } from './phone-number.js';
import type { ApprovedTemplate } from './template.js';

export interface WhatsAppApiOptions {
  /** Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** 0, the default, takes any free port. */
  readonly port?: number | undefined;
  /** The client's version; default 2.41.3. From 2.43 on it calls every number valid. */
  readonly version?: string | undefined;
  /** The number under which the client is registered, in E.164. */
  readonly registeredNumber: string;
  /** Default admin. */
  readonly username?: string | undefined;
  /** Default secret. */
  readonly password?: string | undefined;
  /** Where set, the header `D360-API-KEY` with it stands in for a login, as at gateways. */
  readonly apiKey?: string | undefined;
  /** The numbers that are on WhatsApp, in E.164. */
  readonly numbers: readonly string[];
  /** The templates that can be sent; default: none. */
  readonly templates?: readonly ApprovedTemplate[] | undefined;
  /** How long a token is valid; default 7 days. */
  readonly tokenLifetimeMs?: number | undefined;
  /** Calls of the contacts endpoint above this number in one second are refused with 429; default: no limit. */
  readonly contactsPerSecond?: number | undefined;
  /** Private key and certificate as PEM text; without them it is plain HTTP. */
  readonly tls?: { readonly key: string; readonly cert: string } | undefined;
  /** The clock, in milliseconds since 1970; default Date.now. */
  readonly now?: (() => number) | undefined;
}

/** Options with their defaults, checked. */
export interface Settings {
  readonly host: string;
  readonly port: number;
  readonly version: string;
  readonly registeredNumber: string;
  readonly username: string;
  readonly password: string;
  readonly apiKey: string | undefined;
  readonly directory: Directory;
  readonly templates: readonly ApprovedTemplate[];
  readonly tokenLifetimeMs: number;
  readonly contactsPerSecond: number | undefined;
  readonly tls: { readonly key: string; readonly cert: string } | undefined;
  readonly now: () => number;
}

/** A wrong option; `option` names it (`numbers[2]`). */
export class OptionError extends Error {
  override readonly name = 'OptionError';
  constructor(
    readonly option: string,
    problem: string,
  ) {
    super(`WhatsApp API: ${option}: ${problem}`);
  }
}

const WEEK_MS = 7 * 24 * 3_600_000;
const CENTURY_MS = 100 * 365 * 24 * 3_600_000;

/** Throws an OptionError for the first wrong option. */
export function checkOptions(options: WhatsAppApiOptions): Settings {
  const { tokenLifetimeMs = WEEK_MS, contactsPerSecond, apiKey } = options;
  if (!(tokenLifetimeMs > 0 && tokenLifetimeMs <= CENTURY_MS)) {
    throw new OptionError('tokenLifetimeMs', `milliseconds, more than 0 and at most 100 years, not ${tokenLifetimeMs}`);
  }
  if (contactsPerSecond !== undefined && !(Number.isInteger(contactsPerSecond) && contactsPerSecond > 0)) {
    throw new OptionError('contactsPerSecond', `a whole number above 0, not ${contactsPerSecond}`);
  }
  if (apiKey === '') throw new OptionError('apiKey', 'must not be empty; leave it out to accept logins alone');
  return {
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    version: options.version ?? '2.41.3',
    registeredNumber: named('registeredNumber', () => parseE164(options.registeredNumber).number),
    username: options.username ?? 'admin',
    password: options.password ?? 'secret',
    apiKey,
    directory: directoryOf(options.numbers),
    templates: options.templates ?? [],
    tokenLifetimeMs,
    contactsPerSecond,
    tls: options.tls,
    now: options.now ?? Date.now,
  };
}

function directoryOf(numbers: readonly string[]): Directory {
  const directory = new Directory();
  numbers.forEach((number, index) => {
    named(`numbers[${index}]`, () => directory.add(number));
  });
  return directory;
}

function named<T>(option: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof NotE164Error) throw new OptionError(option, error.message);
    throw error;
  }
}
