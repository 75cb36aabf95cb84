import { AnswerTooLargeError } from 'esp-host';

/** How a call of an API ended, as far as HTTP goes. */
export const OUTCOMES = [
  'answered',
  /** No connection could be made: nothing was asked. */
  'unreachable',
  /** The connection broke before the answer had come. */
  'broken',
  'timeout',
  /** The answer had more bytes than any that makes sense. */
  'too_large',
  /** 401 or 403. */
  'refused',
  /** 429. */
  'throttled',
  'client_error',
  'server_error',
] as const;

/** Of a call that was made. */
export type CallOutcome = (typeof OUTCOMES)[number];

/** `not_made`: no call was made at all. */
export type Outcome = CallOutcome | 'not_made';

/** The cause of a failure of a call of an API, for the log and for those who decide by its outcome. */
export class CallProblem extends Error {
  override readonly name = 'CallProblem';
  constructor(
    readonly outcome: Outcome,
    message: string,
  ) {
    super(message);
  }
}

/** Undefined where no call brought the error. */
export function outcomeOf(error: unknown): Outcome | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof CallProblem ? cause.outcome : undefined;
}

export function outcomeOfStatus(status: number): CallOutcome {
  if (status >= 200 && status <= 299) return 'answered';
  if (status === 401 || status === 403) return 'refused';
  if (status === 429) return 'throttled';
  return status >= 500 ? 'server_error' : 'client_error';
}

/** 4xx: the upstream may have done what it was asked for: it waited too long for the rest, or has it already. */
const LEFT_OPEN: readonly number[] = [408, 409];

/** The last 4xx that is defined. Those of proxies (499, 460) tell of a client that left, and not what the upstream did. */
const LAST_CLIENT_ERROR = 451;

/** Whether a call that must not be made twice certainly did nothing, where it was answered with this status. */
export function didNothing(status: number): boolean {
  // Of the redirections, these two alone ask for the same call at another place.
  if (status < 400) return status === 307 || status === 308;
  return status <= LAST_CLIENT_ERROR && !LEFT_OPEN.includes(status);
}

/** What keeps a connection from being made, so that nothing can have been asked. */
const NOT_CONNECTED = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$|CERT|^UNABLE_TO_/;

interface GotError extends Error {
  readonly code?: string;
  /** When the connection was made, and when TLS was ready on it. */
  readonly timings?: { readonly connect?: number | undefined; readonly secureConnect?: number | undefined } | undefined;
}

/** Of an error that got threw. @param secure the call goes over TLS */
export function outcomeOfError(error: GotError, secure = false): CallOutcome {
  if (error instanceof AnswerTooLargeError) return 'too_large';
  if (secure && neverSecure(error)) return 'unreachable';
  if (!isOfConnection(error) && neverConnected(error)) return 'unreachable';
  return error.name === 'TimeoutError' ? 'timeout' : 'broken';
}

/** The request is written when TLS is ready, and not before. */
const neverSecure = ({ timings }: GotError): boolean => timings !== undefined && timings.secureConnect === undefined;

const neverConnected = ({ code, timings }: GotError): boolean =>
  NOT_CONNECTED.test(code ?? '') || (timings !== undefined && timings.connect === undefined);

/** A connection that was made may end with EHOSTUNREACH, too: what was written got no answer for long. */
function isOfConnection({ cause }: Error): boolean {
  const call = (cause as NodeJS.ErrnoException | undefined)?.syscall;
  return call === 'read' || call === 'write';
}
