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

/** What Event3rdServerFault says: FaultCode and FaultString. The `cause` goes to the log, never on the wire. */
export class EspFault extends Error {
  override readonly name = 'EspFault';
  readonly code: string;
  constructor(
    code: string | number,
    text: string,
    readonly reason: FaultReason | undefined = undefined,
    options?: ErrorOptions,
  ) {
    super(text, options);
    this.code = String(code);
  }
}

/** The upstream of a channel cannot be reached, or refuses the login: fault 901. */
export class ConnectionFailed extends Error {
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
export class ExecutionFailed extends Error {
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

/** `request` is `Service.Method`; `who` a channel's name, or the application's. */
export const faults = {
  invalidRequest: () => new EspFault(701, 'Request is invalid: Service or Method name was not specified...', 'request'),
  unknownService: (service: string) => new EspFault(902, `${service} unknown service`, 'unknown'),
  unknownMethod: (request: string) => new EspFault(902, `${request} unknown method`, 'unknown'),
  unknownApplication: (application: string) => new EspFault(902, `${application} unknown application`, 'unknown'),
  incorrectParameter: (request: string, parameter: string, why: string) =>
    new EspFault(904, `${request} incorrect ${parameter}: ${why}`, 'parameter'),
  connectionFailed: (who: string, address: string, cause?: unknown) =>
    new EspFault(901, `${who} connection with ${address} failed`, 'connection', { cause }),
  upstreamFailed: (who: string, request: string, why: string, cause?: unknown) =>
    new EspFault(920, `${who} failed to execute request ${request}: ${why}`, 'upstream', { cause }),
  /** @param idempotent whether asking again does no harm */
  deadlinePassed: (who: string, request: string, deadlineMs: number, idempotent = true) => {
    const why = `deadline of ${deadlineMs} ms passed${idempotent ? '' : `; ${UNKNOWN}`}`;
    return new EspFault(920, `${who} failed to execute request ${request}: ${why}`, 'deadline');
  },
  overloaded: (who: string, request: string) =>
    new EspFault(920, `${who} failed to execute request ${request}: overloaded`, 'overloaded'),
  /** @param idempotent whether asking again does no harm */
  stopping: (who: string, request: string, idempotent = true) => {
    const why = `stopping${idempotent ? '' : `; ${UNKNOWN}`}`;
    return new EspFault(920, `${who} failed to execute request ${request}: ${why}`, 'stopping');
  },
  unexpected: (request: string, referenceId: number | undefined, cause?: unknown) =>
    new EspFault(900, `${request} failed unexpectedly (ReferenceId ${referenceId ?? 'none'})`, 'unexpected', { cause }),
} as const;
