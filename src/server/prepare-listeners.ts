import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { ConfigError, LoadedParts } from '../config/index.js';
import { type LoadedPlugin, webhookPath } from '../host/index.js';
import type { ListenerTls } from '../transport/index.js';

/** Two listeners cannot share a port of one address. Port 0 is any free port. */
export function checkPorts(loaded: LoadedParts): void {
  const { esp, http, webhooks, metrics } = loaded.config.listeners;
  const used: { readonly name: string; readonly host: string; readonly port: number }[] = [];
  for (const [name, listener] of Object.entries({ esp, http, webhooks, metrics })) {
    if (listener === undefined || listener.port === 0) continue;
    if (name === 'metrics' && metrics?.enabled === false) continue;
    const other = used.find((one) => one.port === listener.port && overlap(one.host, listener.host));
    if (other !== undefined) {
      const message = `${listener.port} is the port of listeners.${other.name} too: choose another`;
      throw loaded.problem(['listeners', name, 'port'], message);
    }
    used.push({ name, ...listener });
  }
}

const overlap = (one: string, other: string): boolean =>
  one === other || [one, other].some((host) => host === '0.0.0.0' || host === '::');

/** A listener without a receiver would refuse every webhook, and a forward without one would get none. */
export function checkWebhooks(loaded: LoadedParts, plugins: readonly LoadedPlugin[]): void {
  const { webhooks } = loaded.config.listeners;
  if (webhooks === undefined) return;
  const paths = plugins.flatMap(({ definition }) =>
    (definition.webhooks ?? []).flatMap((one) => webhookPath(one) ?? []),
  );
  if (paths.length === 0)
    throw loaded.problem(['listeners', 'webhooks'], 'has nothing to do: none of the plugins receives webhooks');
  for (const [name, { path }] of Object.entries(webhooks.forward ?? {})) {
    if (paths.includes(path)) continue;
    const message = `must be the path of a receiver: ${paths.join(' or ')}`;
    throw loaded.problem(['listeners', 'webhooks', 'forward', name, 'path'], message, paths);
  }
}

/** The certificates and keys of a listener. @throws ConfigError */
export function prepareTls(loaded: LoadedParts, listener: 'esp' | 'http' | 'webhooks'): ListenerTls | undefined {
  const tls = loaded.config.listeners[listener]?.tls;
  if (tls === undefined) return undefined;
  const path = ['listeners', listener, 'tls'];
  const pem = (name: 'certificate' | 'key' | 'clientCa', file: string): string => {
    try {
      return readFileSync(file, 'utf8');
    } catch (error) {
      throw loaded.problem([...path, name], `cannot be read: ${(error as Error).message}`);
    }
  };
  const certificate = pem('certificate', tls.certificate);
  const key = pem('key', tls.key);
  const clientCa = tls.clientCa === undefined ? {} : { clientCa: pem('clientCa', tls.clientCa) };
  try {
    createSecureContext({ cert: certificate, key, ca: clientCa.clientCa });
  } catch (error) {
    throw unusable(loaded, path, tls, error as NodeJS.ErrnoException);
  }
  return { certificate, key, ...clientCa, ...(tls.clientNames === undefined ? {} : { clientNames: tls.clientNames }) };
}

/** OpenSSL compares the values of the keys, after their types. */
const MISMATCHES = ['ERR_OSSL_X509_KEY_VALUES_MISMATCH', 'ERR_OSSL_X509_KEY_TYPE_MISMATCH'];

function unusable(
  loaded: LoadedParts,
  path: readonly string[],
  { certificate, key }: { readonly certificate: string; readonly key: string },
  { code = '', message }: NodeJS.ErrnoException,
): ConfigError {
  if (!MISMATCHES.includes(code)) return loaded.problem(path, `is not a usable certificate and key: ${message}`);
  return loaded.problem([...path, 'key'], `is not the key of the certificate: ${key} does not match ${certificate}`);
}
