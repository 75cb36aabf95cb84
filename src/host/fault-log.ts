import { type EspFault, type EspRequest, Failure } from '../esp/index.js';
import { addressOf, errorText, type LogLevel, type RationedLog } from '../telemetry/index.js';
import type { Client } from './client-context.js';

/** Texts of one method and FaultCode are told apart by their hash: by no more than so many, whatever they are. */
const TEXTS = 16;
/** Characters of a text that are looked at for that. */
const HASHED = 200;

/** The kinds of lines of each outcome, so that counting one more makes no text. */
const kinds = new Map<string, readonly string[]>();

/**
 * The log line of a fault: what the client is told, and what it is not. An upstream that is away makes a fault of every
 * request: what a line says is made only when it is written.
 * @param outcome `Service.Method FaultCode`; one name for all that nobody registered
 */
export function logFault(
  log: RationedLog,
  outcome: string,
  request: EspRequest,
  fault: EspFault,
  { peer }: Client,
): void {
  const { referenceId } = request;
  const missing = fault.reason === 'request' ? ` ${missingIn(request)}` : '';
  log.write(
    levelOf(fault),
    kindOf(outcome, fault),
    addressOf(peer),
    () => `${textOf(fault)}${missing}`,
    () => ({ referenceId, client: peer, code: fault.code, ...stackOf(fault) }),
  );
}

/** What its cause is worth: a mistake in a plugin, something to look into, or a parameter that a strategy got wrong. */
function levelOf({ reason }: EspFault): LogLevel {
  if (reason === 'unexpected') return 'error';
  return reason === 'parameter' ? 'info' : 'warn';
}

/** Where the text is the client's, or always the same, the outcome says enough. */
function kindOf(outcome: string, fault: EspFault): string {
  switch (fault.reason) {
    case 'unexpected':
      return kindsOf(outcome)[hash(errorText(fault.cause))] as string;
    case 'connection':
    case 'upstream':
    case undefined:
      return kindsOf(outcome)[hash(fault.message)] as string;
    default:
      return outcome;
  }
}

function kindsOf(outcome: string): readonly string[] {
  const known = kinds.get(outcome) ?? Array.from({ length: TEXTS }, (_, text) => `${outcome} ${text}`);
  kinds.set(outcome, known);
  return known;
}

/** Texts that differ in digits alone are of one kind: ReferenceIds, accounts, times. */
function hash(text: string): number {
  const end = Math.min(text.length, HASHED);
  let sum = 0;
  for (let index = 0; index < end; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x30 || code > 0x39) sum = (Math.imul(sum, 31) + code) | 0;
  }
  return (sum >>> 0) % TEXTS;
}

const textOf = ({ message, cause }: EspFault): string =>
  cause === undefined ? message : `${message}: ${errorText(cause)}`;

/** That of an exception: the mistake is where it was thrown. */
function stackOf({ reason, cause }: EspFault): { readonly stack?: unknown } {
  if (reason !== 'unexpected') return {};
  try {
    return cause instanceof Error && !(cause instanceof Failure) ? { stack: cause.stack } : {};
  } catch {
    // A proxy, or a getter of the plugin's: the text alone has to do.
    return {};
  }
}

function missingIn(request: EspRequest): string {
  if (request.list === undefined) return '(no Request list)';
  const names = [request.service === '' ? 'Service' : '', request.method === '' ? 'Method' : ''];
  return `(missing, empty or not a string: ${names.filter((name) => name !== '').join(' and ')})`;
}
