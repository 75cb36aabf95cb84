import { X509Certificate } from 'node:crypto';
import { type Finding, Host } from '../host/index.js';
import type { Prepared } from '../server/index.js';
import { createLogger } from '../telemetry/index.js';
import { hintsOf } from './hints.js';
import { examineInteractionServer, type InteractionServerAddress } from './interaction-server.js';
import { examinePorts } from './ports.js';
import { examineState } from './state.js';

export interface ExaminationOptions {
  readonly prepared: Prepared;
  /** If given, requests through it must reach the host. */
  readonly interactionServer?: InteractionServerAddress | undefined;
}

/** Examines a configuration: certificates, ports, the server of the state, plugins and Interaction Server. Changes nothing. */
export async function* examine({ prepared, interactionServer }: ExaminationOptions): AsyncGenerator<Finding> {
  for (const { file, line, column, message } of [...prepared.warnings, ...hintsOf(prepared)]) {
    yield { about: `${file}:${line}:${column}`, state: 'warning', text: message };
  }
  yield* examineCertificates(prepared);
  yield* examinePorts(prepared);
  yield charsetOf(prepared);
  yield* examineState(prepared);
  yield* examinePlugins(prepared);
  if (interactionServer !== undefined) yield* examineInteractionServer(prepared, interactionServer);
}

const DAY_MS = 86_400_000;
/** A certificate that expires within this time is a warning. */
const SOON_DAYS = 30;

/** The certificates of the listeners. `prepare` has checked their format, and that their keys match. */
export function* examineCertificates({ tls, httpTls, webhooksTls }: Prepared, now = Date.now()): Generator<Finding> {
  for (const [name, files] of Object.entries({ esp: tls, http: httpTls, webhooks: webhooksTls })) {
    if (files === undefined) continue;
    yield validity(`listeners.${name}.tls.certificate`, files.certificate, now);
    for (const pem of certificatesIn(files.clientCa ?? '')) yield validity(`listeners.${name}.tls.clientCa`, pem, now);
  }
}

const certificatesIn = (pem: string): string[] =>
  pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];

function validity(about: string, pem: string, now: number): Finding {
  const { subject, validFrom, validTo } = new X509Certificate(pem);
  const name = subject.replaceAll('\n', ', ');
  const days = Math.floor((Date.parse(validTo) - now) / DAY_MS);
  if (Date.parse(validFrom) > now) {
    const advice = 'use a certificate that is valid today, or correct the clock of this machine';
    return { about, state: 'trouble', text: `${name} is not valid before ${validFrom}`, advice };
  }
  const advice = 'replace the certificate; a running host loads it without a restart';
  if (days < 0) return { about, state: 'trouble', text: `${name} expired on ${validTo}`, advice };
  const text = `${name} is valid until ${validTo} (${days} days)`;
  return days < SOON_DAYS ? { about, state: 'warning', text, advice } : { about, state: 'good', text };
}

/** Only an operator can compare the charset with that of the clients. */
function charsetOf({ loaded }: Prepared): Finding {
  const { charset } = loaded.config.listeners.esp;
  const text = `type 0 strings are ${charset}: Interaction Server and its clients must use the same charset`;
  return { about: 'listeners.esp.charset', state: 'good', text };
}

/** Starts the plugins without listeners, and lets each examine what it needs. */
async function* examinePlugins({ application, channels, plugins, loaded }: Prepared): AsyncGenerator<Finding> {
  const logger = createLogger({ level: 'error', format: 'text' });
  const host = new Host({ application, channels, plugins, limits: loaded.config.limits, logger });
  try {
    await host.start();
  } catch (error) {
    const advice = 'see what the plugin reports, and check its options and channels';
    yield { about: 'plugins', state: 'trouble', text: (error as Error).message, advice };
    return;
  }
  try {
    yield { about: 'plugins', state: 'good', text: `started, with the methods: ${host.methods.join(', ') || 'none'}` };
    yield* host.check();
  } finally {
    await host.stop();
  }
}
