import { e164, pemFile, secret, z } from 'esp-host';
import { PhoneNumbers } from './phone-numbers.js';

/** Where the API is: http or https, perhaps with a path; credentials have keys of their own. */
const apiUrl = () =>
  z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL, such as https://whatsapp.example:9090' })
    .refine(hasNoCredentials, 'must hold no user name or password: write them as username and password')
    .transform((url) => url.replace(/\/+$/, ''));

function hasNoCredentials(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed === null || (parsed.username === '' && parsed.password === '');
}

/** What every driver that asks over the network takes. */
const remote = {
  url: apiUrl(),
  /** Authorities (PEM) to trust in place of Node's, for a server that signed its certificate itself. */
  ca: pemFile().optional(),
  /** How long one call of the API may take. */
  timeoutMs: z.int().min(1).max(0x7fffffff).default(5000),
  /** What to answer where the client calls every number valid, as clients from version 2.43 on do. */
  whenAlwaysValid: z.enum(['trust', 'empty', 'fault']).default('trust'),
};

const onPremises = z.strictObject({
  driver: z.literal('on-premises'),
  username: z.string(),
  password: secret(),
  ...remote,
});

const gateway = z.strictObject({
  driver: z.literal('gateway'),
  apiKey: secret(),
  /** The header that carries the key. */
  header: z
    .string()
    .regex(/^[\w-]+$/, 'must be the name of an HTTP header')
    .default('D360-API-KEY'),
  ...remote,
});

const numberPlan = z.strictObject({ driver: z.literal('number-plan') });

/** A channel of type `whatsapp`. */
export const whatsAppChannel = z.strictObject({
  type: z.literal('whatsapp'),
  phoneNumber: e164().refine(PhoneNumbers.knows, 'must be a number that can exist: its country code and length do not'),
  contacts: z.discriminatedUnion('driver', [onPremises, gateway, numberPlan]),
});

export type WhatsAppSettings = z.output<typeof whatsAppChannel>;
export type OnPremisesSettings = z.output<typeof onPremises>;
export type GatewaySettings = z.output<typeof gateway>;
export type AlwaysValidPolicy = OnPremisesSettings['whenAlwaysValid'];
