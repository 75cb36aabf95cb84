import { e164, secret, z } from 'esp-host';
import { NotE164Error, OptionError } from './errors.js';
import type { ApprovedTemplate } from './messages.js';
import { Directory, parseE164 } from './phone-number.js';

const REGISTERED = '+919876543210';

/** What `upstreams.NAME.settings` of platform.yaml may hold. */
export const settings = z.strictObject({
  /** From 2.43.0 on the client calls every number valid. */
  version: z
    .string({ error: 'must be a version such as 2.41.3' })
    .regex(/^\d+\.\d+\.\d+$/, 'must be a version such as 2.41.3')
    .default('2.41.3'),
  /** The number under which the client is registered. */
  registeredNumber: e164().default(REGISTERED),
  username: z.string().default('admin'),
  password: secret().prefault('secret'),
  /** The header `D360-API-KEY` with this key stands in for a login, as at gateways. */
  apiKey: z.string().min(1, 'must not be empty: leave it out to accept logins alone').optional(),
  /** The numbers that are on WhatsApp. */
  numbers: z.array(e164()).default([]),
  /** The templates that WhatsApp approved. */
  templates: z
    .array(
      z.strictObject({
        namespace: z.string().min(1),
        name: z.string().min(1),
        language: z.string().min(1),
        body: z.string(),
      }),
    )
    .default([]),
  /** How long a token is valid; 7 days unless given. */
  tokenLifetimeMs: z.number().optional(),
  /** Calls of the contacts endpoint above this number in one second are refused with 429; no limit unless given. */
  contactsPerSecond: z.number().optional(),
});

/** Options with their defaults, checked. */
export interface Settings {
  readonly version: string;
  readonly registeredNumber: string;
  readonly username: string;
  readonly password: string;
  readonly apiKey: string | undefined;
  readonly directory: Directory;
  readonly templates: readonly ApprovedTemplate[];
  readonly tokenLifetimeMs: number;
  readonly contactsPerSecond: number | undefined;
  readonly now: () => number;
}

const WEEK_MS = 7 * 24 * 3_600_000;
const CENTURY_MS = 100 * 365 * 24 * 3_600_000;

/** @throws OptionError for the first wrong option */
export function checkOptions(options: z.output<typeof settings>, now: () => number): Settings {
  const { tokenLifetimeMs = WEEK_MS, contactsPerSecond, apiKey } = options;
  if (!(tokenLifetimeMs > 0 && tokenLifetimeMs <= CENTURY_MS)) {
    throw new OptionError('tokenLifetimeMs', `milliseconds, more than 0 and at most 100 years, not ${tokenLifetimeMs}`);
  }
  if (contactsPerSecond !== undefined && !(Number.isInteger(contactsPerSecond) && contactsPerSecond > 0)) {
    throw new OptionError('contactsPerSecond', `a whole number above 0, not ${contactsPerSecond}`);
  }
  if (apiKey === '') throw new OptionError('apiKey', 'must not be empty; leave it out to accept logins alone');
  return {
    version: options.version,
    registeredNumber: named('registeredNumber', () => parseE164(options.registeredNumber).number),
    username: options.username,
    password: options.password.reveal(),
    apiKey,
    directory: directoryOf(options.numbers),
    templates: options.templates,
    tokenLifetimeMs,
    contactsPerSecond,
    now,
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
