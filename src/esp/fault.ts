import { Failure, OUTCOME_UNKNOWN } from './errors.js';

/** Why a request is answered with a fault. */
export type FaultReason =
  | 'request'
  | 'unknown'
  | 'parameter'
  | 'connection'
  | 'upstream'
  | 'deadline'
  | 'overloaded'
  | 'stopping'
  | 'unexpected';

/** Maximum lengths, in characters, of a FaultCode, a FaultString, and each name in it that comes from the request. */
const CODE_MAX = 100;
const TEXT_MAX = 1000;
const NAME_MAX = 200;

/**
 * FaultCode and FaultString of an Event3rdServerFault. A handler may throw one with any code. The `cause` is logged and
 * never sent to the client.
 */
export class EspFault extends Failure {
  override readonly name = 'EspFault';
  readonly code: string;

  /** @param text the client gets its first 1000 characters. @throws TypeError if it is not a string */
  constructor(
    code: string | number,
    text: string,
    readonly reason: FaultReason | undefined = undefined,
    options?: ErrorOptions,
  ) {
    super(cutText(checkedText('text', text), TEXT_MAX), options);
    this.code = typeof code === 'number' ? String(code) : cutText(checkedText('code', code), CODE_MAX);
  }
}

/** The types do not protect plugins that are written in JavaScript. */
function checkedText(what: string, value: string): string {
  if (typeof value === 'string') return value;
  throw new TypeError(`the ${what} of an EspFault must be a string, not ${value === null ? 'null' : typeof value}`);
}

const named = (text: string): string => cutText(text, NAME_MAX);

/**
 * Every fault that the host itself answers: code, exact text, cause. `request` is `Service.Method`; `who` is the name of
 * a channel or of the application. `idempotent` says whether a client can safely repeat the request.
 */
export const faults = {
  invalidRequest: () => new EspFault(701, 'Request is invalid: Service or Method name was not specified...', 'request'),
  unknownService: (service: string) => new EspFault(902, `${named(service)} unknown service`, 'unknown'),
  unknownMethod: (request: string) => new EspFault(902, `${named(request)} unknown method`, 'unknown'),
  unknownApplication: (application: string) =>
    new EspFault(902, `${named(application)} unknown application`, 'unknown'),
  incorrectParameter: (request: string, parameter: string, why: string) =>
    new EspFault(904, `${named(request)} incorrect ${named(parameter)}: ${why}`, 'parameter'),
  connectionFailed: (who: string, address: string, cause?: unknown) =>
    new EspFault(901, `${who} connection with ${address} failed`, 'connection', { cause }),
  upstreamFailed: (who: string, request: string, why: string, cause?: unknown) =>
    new EspFault(920, `${who} failed to execute request ${named(request)}: ${why}`, 'upstream', { cause }),
  deadlinePassed: (who: string, request: string, deadlineMs: number, idempotent = true) => {
    const why = `deadline of ${deadlineMs} ms passed${idempotent ? '' : `; ${OUTCOME_UNKNOWN}`}`;
    return new EspFault(920, `${who} failed to execute request ${named(request)}: ${why}`, 'deadline');
  },
  overloaded: (who: string, request: string) =>
    new EspFault(920, `${who} failed to execute request ${named(request)}: overloaded`, 'overloaded'),
  stopping: (who: string, request: string, idempotent = true) => {
    const why = `stopping${idempotent ? '' : `; ${OUTCOME_UNKNOWN}`}`;
    return new EspFault(920, `${who} failed to execute request ${named(request)}: ${why}`, 'stopping');
  },
  unexpected: (request: string, referenceId: number | undefined, cause?: unknown) =>
    new EspFault(900, `${named(request)} failed unexpectedly (ReferenceId ${referenceId ?? 'none'})`, 'unexpected', {
      cause,
    }),
} as const;

/** The text, or its first `limit` characters and `... (N more characters)`. Never splits a surrogate pair. */
export function cutText(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const head = headOf(text, limit);
  return `${head}... (${text.length - head.length} more characters)`;
}

/** The first `limit` characters, one fewer to keep a surrogate pair whole. A copy: a slice would pin the whole text. */
export function headOf(text: string, limit: number): string {
  const end = isHighSurrogate(text.charCodeAt(limit - 1)) && isLowSurrogate(text.charCodeAt(limit)) ? limit - 1 : limit;
  return Buffer.from(text.slice(0, end), 'utf16le').toString('utf16le');
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;
