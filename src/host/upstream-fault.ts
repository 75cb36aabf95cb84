import { AbortError, HTTPError, ParseError, ReadError, RequestError, TimeoutError } from 'got';
import { type EspFault, faults, OUTCOME_UNKNOWN } from '../esp/index.js';
import { AnswerTooLargeError } from './http.js';

/** Codes of calls that did not reach the upstream. */
const UNREACHABLE = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL'],
  ...['EHOSTDOWN', 'ENETDOWN', 'EACCES', 'EPERM'],
  ...['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ...['UNABLE_TO_GET_ISSUER_CERT', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ...['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID', 'CERT_REVOKED', 'CERT_UNTRUSTED', 'CERT_REJECTED', 'INVALID_CA'],
  ...['INVALID_PURPOSE', 'CERT_SIGNATURE_FAILURE'],
]);

/** Codes of calls whose answer did not arrive. */
const UNANSWERED = new Set([
  ...['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT'],
  ...['ERR_STREAM_PREMATURE_CLOSE', 'ERR_HTTP_CONTENT_LENGTH_MISMATCH'],
]);

/** Codes of errors in the TLS protocol, and in HTTP. */
const TLS = /^(EPROTO$|ERR_SSL_)/;
const HTTP = /^HPE_/;

/** Phases of a call before its request is sent. */
const BEFORE_REQUEST = new Set<string>(['lookup', 'connect', 'secureConnect', 'socket']);

/**
 * The fault for a failed call of `call.http` that its handler did not catch: 901 if the upstream cannot be reached, else
 * 920. Undefined for any other error.
 * @param who the channel or the application
 */
export function upstreamFault(
  error: unknown,
  who: string,
  request: string,
  idempotent: boolean | undefined,
): EspFault | undefined {
  if (!(error instanceof RequestError) || error instanceof AbortError) return undefined;
  if (isUnreachable(error)) return faults.connectionFailed(who, originOf(error), error);
  const why = reasonOf(error);
  if (why === undefined) return undefined;
  const isOpen = idempotent === false && !isRefusal(error);
  return faults.upstreamFailed(who, request, isOpen ? `${why}; ${OUTCOME_UNKNOWN}` : why, error);
}

const isUnreachable = (error: RequestError): boolean =>
  error instanceof TimeoutError
    ? BEFORE_REQUEST.has(error.event)
    : UNREACHABLE.has(error.code) || isFailedHandshake(error);

/** Whether TLS failed before the request was sent. Without a check of the certificate, got does not tell when it was. */
const isFailedHandshake = ({ code, timings, options }: RequestError): boolean =>
  TLS.test(code) && timings?.secureConnect === undefined && options.https.rejectUnauthorized !== false;

/** Without the path and the query, which may be secret. */
const originOf = ({ options }: RequestError): string => URL.parse(String(options.url))?.origin ?? 'its upstream';

function reasonOf(error: RequestError): string | undefined {
  if (error instanceof HTTPError) return `status ${error.response.statusCode}`;
  if (error instanceof AnswerTooLargeError) return 'answer too large';
  if (error instanceof ParseError) return 'invalid answer';
  if (error instanceof TimeoutError || UNANSWERED.has(error.code) || TLS.test(error.code)) return 'no answer';
  return error instanceof ReadError || HTTP.test(error.code) ? 'invalid answer' : undefined;
}

/** A status that says that nothing was done. 408, 409 and 425 leave it open. */
function isRefusal(error: RequestError): boolean {
  if (!(error instanceof HTTPError)) return false;
  const { statusCode } = error.response;
  return statusCode >= 400 && statusCode < 500 && ![408, 409, 425, 499].includes(statusCode);
}
