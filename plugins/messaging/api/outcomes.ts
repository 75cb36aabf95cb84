import { AnswerTooLargeError } from 'esp-host';
import type { CallOutcome } from '../errors.js';

export function outcomeOfStatus(status: number): CallOutcome {
  if (status >= 200 && status <= 299) return 'answered';
  if (status === 401 || status === 403) return 'refused';
  if (status === 429) return 'throttled';
  return status >= 500 ? 'server_error' : 'client_error';
}

/** Timed out waiting for the request, or conflict with an earlier one: the upstream may have carried it out. */
const AMBIGUOUS_CLIENT_ERRORS: readonly number[] = [408, 409];

/** Redirections that ask for the same call at another address. */
const SAME_CALL_ELSEWHERE: readonly number[] = [307, 308];

/** The last defined 4xx. Proxies use others (460, 499) for clients that disconnected, whatever the upstream did. */
const LAST_CLIENT_ERROR = 451;

/** Whether a status guarantees that the call had no effect, so that it can be repeated. */
export function hadNoEffect(status: number): boolean {
  if (status < 400) return SAME_CALL_ELSEWHERE.includes(status);
  return status <= LAST_CLIENT_ERROR && !AMBIGUOUS_CLIENT_ERRORS.includes(status);
}

/** Errors of opening a connection, beside those of certificates. */
const NOT_CONNECTED: readonly string[] = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'];
const CERTIFICATE = /CERT|^UNABLE_TO_/;

interface GotError extends Error {
  readonly code?: string;
  /** When the connection was established, and when TLS was. */
  readonly timings?: { readonly connect?: number | undefined; readonly secureConnect?: number | undefined } | undefined;
}

/** The outcome of a call that failed with an error of got. @param secure the call uses TLS */
export function outcomeOfError(error: GotError, secure = false): CallOutcome {
  if (error instanceof AnswerTooLargeError) return 'too_large';
  if (secure && neverSecure(error)) return 'unreachable';
  if (!isOfConnection(error) && neverConnected(error)) return 'unreachable';
  return error.name === 'TimeoutError' ? 'timeout' : 'broken';
}

/** The request is sent only after the TLS handshake. */
const neverSecure = ({ timings }: GotError): boolean => timings !== undefined && timings.secureConnect === undefined;

const neverConnected = ({ code = '', timings }: GotError): boolean =>
  NOT_CONNECTED.includes(code) || CERTIFICATE.test(code) || (timings !== undefined && timings.connect === undefined);

/** An established connection can end with EHOSTUNREACH too, if what was sent is not acknowledged. */
function isOfConnection({ cause }: Error): boolean {
  const call = (cause as NodeJS.ErrnoException | undefined)?.syscall;
  return call === 'read' || call === 'write';
}
