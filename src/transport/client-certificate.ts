import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';

/** Why a client's certificate does not do, for a log line; undefined where it does. */
export function certificateProblem(socket: TLSSocket, allowed: readonly string[] | undefined): string | undefined {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return 'the client brought no certificate, and tls.clientCa demands one';
  const common = commonNames(socket);
  const who = `the client's certificate (${common.map(printable).join(', ')})`;
  if (!socket.authorized) return `${who} is not of tls.clientCa: ${socket.authorizationError}`;
  if (allowed === undefined || allowed.some((name) => hasName(certificate, common, name))) return undefined;
  return `${who} has none of the names in tls.clientNames${dnsNames(certificate)}`;
}

function commonNames(socket: TLSSocket): string[] {
  // A subject may have several, though the types know of one.
  const { CN } = socket.getPeerCertificate().subject as { CN?: string | string[] };
  return CN === undefined ? [] : [CN].flat();
}

/** OpenSSL compares the DNS names: the text of the extension may be made to look like other names than it has. */
function hasName(certificate: X509Certificate, common: readonly string[], name: string): boolean {
  const options = { subject: 'never', wildcards: false } as const;
  return common.includes(name) || certificate.checkHost(name, options) !== undefined;
}

const dnsNames = ({ subjectAltName }: X509Certificate): string =>
  subjectAltName === undefined ? '' : `; it also has ${printable(subjectAltName)}`;

/** Whoever made the certificate wrote what is in it. */
const printable = (text: string): string => text.replaceAll(/[^\x20-\x7e\u00a0-\uffff]/g, '?').slice(0, 200);
