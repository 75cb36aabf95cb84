import { X509Certificate } from 'node:crypto';
import type { Finding } from '../host/index.js';
import type { Prepared } from '../server/index.js';

const DAY_MS = 86_400_000;
/** A certificate that expires within these days is worth a warning. */
const SOON_DAYS = 30;

/** The TLS files of the listeners, whose form and belonging together `prepare` has checked. */
export function* examineCertificates({ tls, httpTls }: Prepared, now = Date.now()): Generator<Finding> {
  for (const [name, files] of Object.entries({ esp: tls, http: httpTls })) {
    if (files === undefined) continue;
    yield validity(`listeners.${name}.tls.certificate`, files.certificate, now);
    const { clientCa } = files;
    if (clientCa !== undefined)
      for (const pem of each(clientCa)) yield validity(`listeners.${name}.tls.clientCa`, pem, now);
  }
}

/** The certificates that a PEM file holds. */
const each = (pem: string): string[] => pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];

function validity(about: string, pem: string, now: number): Finding {
  const { subject, validFrom, validTo } = new X509Certificate(pem);
  const name = subject.replaceAll('\n', ', ');
  const days = Math.floor((Date.parse(validTo) - now) / DAY_MS);
  const advice = 'put a new certificate in its place; a host that runs takes it without a restart';
  if (Date.parse(validFrom) > now) {
    const wait = 'use one that is valid today, or set the clock of this machine right';
    return { about, state: 'trouble', text: `${name} is not valid before ${validFrom}`, advice: wait };
  }
  if (days < 0) return { about, state: 'trouble', text: `${name} expired on ${validTo}`, advice };
  const text = `${name} is valid until ${validTo} (${days} days)`;
  return days < SOON_DAYS ? { about, state: 'warning', text, advice } : { about, state: 'good', text };
}
