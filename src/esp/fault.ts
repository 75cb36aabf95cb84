import { cutText } from './cut-text.js';
import { Failure } from './failure.js';

/**
 * Every fault this host answers, in one table: code, exact text, cause. A handler may throw an `EspFault` of its own
 * with any code; the failures below get the request's name from the dispatcher, so whoever throws them needn't know it.
 */

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

/** The most characters of a FaultCode, of a FaultString, and of each name in it that a request brought. */
const CODE_MOST = 100;
const TEXT_MOST = 1000;
const NAME_MOST = 200;

/** What Event3rdServerFault says: FaultCode and FaultString. The `cause` goes to the log, never on the wire. */
export class EspFault extends Failure {
  override readonly name = 'EspFault';
  readonly code: string;

  /** @param text of it, the client gets the first 1000 characters. @throws TypeError where it is no text */
  constructor(
    code: string | number,
    text: string,
    readonly reason: FaultReason | undefined = undefined,
    options?: ErrorOptions,
  ) {
    super(cutText(checkedText('text', text), TEXT_MOST), options);
    this.code = typeof code === 'number' ? String(code) : cutText(checkedText('code', code), CODE_MOST);
  }
}

/** For plugins in JavaScript. */
function checkedText(what: string, value: string): string {
  if (typeof value === 'string') return value;
  throw new TypeError(`the ${what} of an EspFault is a string, not ${value === null ? 'null' : typeof value}`);
}

/** The upstream of a channel cannot be reached, or refuses the login: fault 901. */
export class ConnectionFailed extends Failure {
  override readonly name = 'ConnectionFailed';
  constructor(
    readonly channel: string,
    readonly url: string,
    options?: ErrorOptions,
  ) {
    super(`${channel} connection with ${url} failed`, options);
  }
}

/** The upstream was reached but did not do its part: fault 920. `why` is short, for instance `status 500`. */
export class ExecutionFailed extends Failure {
  override readonly name = 'ExecutionFailed';
  constructor(
    readonly channel: string,
    readonly why: string,
    options?: ErrorOptions,
  ) {
    super(`${channel}: ${why}`, options);
  }
}

/** What ends the FaultString of a request that may have been carried out: who asks again may have it done twice. */
const UNKNOWN = 'whether it was done is unknown';

/** The upstream was asked for something that must not be done twice, and nobody knows whether it did it: fault 920. */
export class OutcomeUnknown extends ExecutionFailed {
  constructor(channel: string, why: string, options?: ErrorOptions) {
    super(channel, `${why}; ${UNKNOWN}`, options);
  }
}

const named = (text: string): string => cutText(text, NAME_MOST);

/** `request` is `Service.Method`; `who` a channel's name, or the application's. */
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
  /** @param idempotent whether asking again does no harm */
  deadlinePassed: (who: string, request: string, deadlineMs: number, idempotent = true) => {
    const why = `deadline of ${deadlineMs} ms passed${idempotent ? '' : `; ${UNKNOWN}`}`;
    return new EspFault(920, `${who} failed to execute request ${named(request)}: ${why}`, 'deadline');
  },
  overloaded: (who: string, request: string) =>
    new EspFault(920, `${who} failed to execute request ${named(request)}: overloaded`, 'overloaded'),
  /** @param idempotent whether asking again does no harm */
  stopping: (who: string, request: string, idempotent = true) => {
    const why = `stopping${idempotent ? '' : `; ${UNKNOWN}`}`;
    return new EspFault(920, `${who} failed to execute request ${named(request)}: ${why}`, 'stopping');
  },
  unexpected: (request: string, referenceId: number | undefined, cause?: unknown) =>
    new EspFault(900, `${named(request)} failed unexpectedly (ReferenceId ${referenceId ?? 'none'})`, 'unexpected', {
      cause,
    }),
} as const;
