import { e164, secret, z } from 'esp-host';
import type { CloudSettings } from './cloud/cloud-api.js';
import type { WebhookSettings } from './cloud/webhooks.js';
import { NotE164Error, OptionError } from './errors.js';
import type { ApprovedTemplate } from './messages.js';
import { Directory, parseE164 } from './phone-number.js';
import { USER_ID } from './phones/customer.js';

const REGISTERED = '+919876543210';

const NO_CUSTOMER = 'must be a phone number such as "+919876543210", or a business-scoped user id such as US.1349';

/** Schema of `upstreams.NAME.settings` in platform.yaml. */
export const settings = z.strictObject({
  /** From 2.43.0, the client reports every number as valid. */
  version: z
    .string({ error: 'must be a version such as 2.41.3' })
    .regex(/^\d+\.\d+\.\d+$/, 'must be a version such as 2.41.3')
    .default('2.41.3'),
  /** The registered phone number of the client. */
  registeredNumber: e164().default(REGISTERED),
  username: z.string().default('admin'),
  password: secret().prefault('secret'),
  /** Accepts this key in the header `D360-API-KEY` instead of a token, as gateways do. */
  apiKey: z.string().min(1, 'must not be empty; omit it to accept only logins').optional(),
  /** The numbers on WhatsApp. */
  numbers: z.array(e164()).default([]),
  /** Customers who have written to the business before: some of `numbers`. The host gets their messages when it starts. */
  writtenBy: z.array(e164()).optional(),
  /** Customers who have blocked the business: numbers, or business-scoped user ids. */
  blockedBy: z.array(z.union([e164(), z.string().regex(USER_ID)], { error: NO_CUSTOMER })).optional(),
  /** The templates approved by WhatsApp. */
  templates: z
    .array(
      z.strictObject({
        namespace: z.string().min(1),
        name: z.string().min(1),
        language: z.string().min(1),
        body: z.string(),
        /** Cloud API alone, as are the following. */
        category: z.enum(['MARKETING', 'UTILITY', 'AUTHENTICATION']).optional(),
        status: z.string().optional(),
        /** The header and the buttons, as Cloud API lists them. */
        components: z
          .array(
            z.strictObject({
              type: z.enum(['HEADER', 'BUTTONS']),
              format: z.string().optional(),
              text: z.string().optional(),
              buttons: z
                .array(z.strictObject({ type: z.string(), text: z.string().optional(), url: z.string().optional() }))
                .optional(),
            }),
          )
          .optional(),
      }),
    )
    .default([]),
  /** Lifetime of a token in ms; default 7 days. */
  tokenLifetimeMs: z.number().optional(),
  /** Maximum calls of the contacts endpoint per second; more are refused with 429. Default: no limit. */
  contactsPerSecond: z.number().optional(),
  /** Cloud API, on the same port. It has the same templates. */
  cloud: z
    .strictObject({
      phoneNumberId: z.string().default('106540352242922'),
      businessAccountId: z.string().default('102290129340398'),
      token: secret().prefault('secret'),
      messagesPerSecond: z.int().min(1).default(80),
      /** A number, or a business-scoped user id -> the code of the error that a message to it gets. */
      errors: z.record(z.string(), z.int()).default({}),
      /** Different customers in 24 hours; more are refused with error 131048. Default: no limit. */
      usersPerDay: z.int().min(1).optional(),
      /** The webhooks about messages, and with the messages of customers. */
      webhooks: z
        .strictObject({
          /** Where to: a path of the host's `listeners.webhooks`, or a URL. */
          url: z
            .string()
            .regex(/^(\/|https?:\/\/)/, 'must be a path such as /webhooks/whatsapp, or a URL')
            .default('/webhooks/whatsapp'),
          /** Signs them: that of the channel. */
          appSecret: secret().prefault('secret'),
          /** Pauses before a webhook that was not accepted is posted again. After the last it is given up. */
          retryMs: z.array(z.int().min(1).max(0x7fffffff)).max(20).default([1000, 5000, 30_000, 120_000, 600_000]),
        })
        .prefault({}),
    })
    .prefault({}),
});

/** Validated settings with defaults. */
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
  readonly cloud: Omit<CloudSettings, 'templates'>;
  readonly webhooks: WebhookSettings;
  readonly now: () => number;
}

const WEEK_MS = 7 * 24 * 3_600_000;
const CENTURY_MS = 100 * 365 * 24 * 3_600_000;

/** Validates settings and applies defaults. @throws OptionError for the first invalid setting */
export function checkOptions(options: z.output<typeof settings>, now: () => number): Settings {
  const { tokenLifetimeMs = WEEK_MS, contactsPerSecond, apiKey } = options;
  const { webhooks, usersPerDay, ...cloud } = options.cloud;
  if (!(tokenLifetimeMs > 0 && tokenLifetimeMs <= CENTURY_MS)) {
    throw new OptionError('tokenLifetimeMs', `must be more than 0 ms and at most 100 years, not ${tokenLifetimeMs}`);
  }
  if (contactsPerSecond !== undefined && !(Number.isInteger(contactsPerSecond) && contactsPerSecond > 0)) {
    throw new OptionError('contactsPerSecond', `must be a positive integer, not ${contactsPerSecond}`);
  }
  if (apiKey === '') throw new OptionError('apiKey', 'must not be empty; omit it to accept only logins');
  return {
    version: options.version,
    registeredNumber: withOption('registeredNumber', () => parseE164(options.registeredNumber).number),
    username: options.username,
    password: options.password.reveal(),
    apiKey,
    directory: directoryOf(options.numbers, options.writtenBy),
    templates: options.templates,
    tokenLifetimeMs,
    contactsPerSecond,
    cloud: { ...cloud, usersPerDay, token: cloud.token.reveal() },
    webhooks: { to: webhooks.url, appSecret: webhooks.appSecret.reveal(), retryMs: webhooks.retryMs },
    now,
  };
}

/** @throws OptionError for a customer who has written, but is not on WhatsApp */
export function checkWriters(directory: Directory, writtenBy: readonly string[] = []): void {
  for (const [index, number] of writtenBy.entries()) {
    if (!directory.has(number)) throw new OptionError(`writtenBy[${index}]`, 'must be one of numbers');
  }
}

function directoryOf(numbers: readonly string[], writtenBy: readonly string[] | undefined): Directory {
  const directory = new Directory();
  numbers.forEach((number, index) => {
    withOption(`numbers[${index}]`, () => directory.add(number));
  });
  checkWriters(directory, writtenBy);
  return directory;
}

/** Turns a NotE164Error into an OptionError. */
function withOption<T>(option: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof NotE164Error) throw new OptionError(option, error.message);
    throw error;
  }
}
