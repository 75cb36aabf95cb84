import { pemFile, secret, z } from 'esp-host';
import { count, hasNoCredentials, milliseconds, NO_CREDENTIALS } from './values.js';

/** The address of an API: http or https, with an optional path. */
const apiUrl = () =>
  z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL, such as https://whatsapp.example:9090' })
    .refine(hasNoCredentials, NO_CREDENTIALS)
    .transform((url) => url.replace(/\/+$/, ''));

/** A bulkhead: the share of the host that one channel may take. */
const calls = z.strictObject({ atOnce: count(1000, 8), queued: count(1_000_000, 500) });

const breaker = z.strictObject({ failures: count(1000, 5), probeAfterMs: milliseconds(1, 10_000) });

/** The API of a channel: where it sends, and with which credentials. */
const server = {
  url: apiUrl(),
  /** Certificate authorities (PEM) to trust instead of Node's, for instance that of a self-signed certificate. */
  ca: pemFile().optional(),
  /** Timeout of a call. */
  timeoutMs: milliseconds(1, 5000),
  calls: calls.prefault({}),
  breaker: breaker.prefault({}),
};

export const onPremises = z.strictObject({
  driver: z.literal('on-premises'),
  username: z.string(),
  password: secret(),
  ...server,
});

export const gateway = z.strictObject({
  driver: z.literal('gateway'),
  apiKey: secret(),
  /** The header for the key. */
  header: z
    .string()
    .regex(/^[\w-]+$/, 'must be the name of an HTTP header')
    .default('D360-API-KEY'),
  ...server,
});

const none = z.strictObject({ driver: z.literal('none') });

/** Where a channel sends. */
export const api = z.discriminatedUnion('driver', [onPremises, gateway, none]);

/** Settings of an API with the paths of the On-Premises API. */
export type OnPremisesSettings = z.output<typeof onPremises> | z.output<typeof gateway>;
