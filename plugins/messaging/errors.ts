import { CodedError, type ErrorTable } from 'esp-host';

/** Errors of calls to a WhatsApp Business API. Each is the `cause` of the error that answers the request. */
export const MESSAGING_ERRORS = {
  ESP_MESSAGING_NOT_CALLED: 'The call was not made: the API counts as down, a queue is full, or the request is over.',
  ESP_MESSAGING_UNREACHABLE: 'The connection to the API could not be opened. Nothing was sent.',
  ESP_MESSAGING_CONNECTION_BROKEN: 'The connection broke before the API answered.',
  ESP_MESSAGING_TIMEOUT: 'The API did not answer within `timeoutMs`.',
  ESP_MESSAGING_ANSWER_TOO_LARGE: 'The answer of the API exceeds the limit for answers of upstreams.',
  ESP_MESSAGING_REFUSED: 'The API refused the credentials (401 or 403).',
  ESP_MESSAGING_THROTTLED: 'The API limits the rate of calls (429).',
  ESP_MESSAGING_CLIENT_ERROR: 'The API answered with another status below 500 that is not a success.',
  ESP_MESSAGING_SERVER_ERROR: 'The API answered with a status of 500 or above.',
  ESP_MESSAGING_BAD_ANSWER: 'The API answered with a success, but not as its reference says.',
} as const satisfies ErrorTable;

type MessagingErrorCode = keyof typeof MESSAGING_ERRORS;

/** How an HTTP call of the API ended: the label `outcome` of `esp_contacts_calls_total`. */
export const CALL_OUTCOMES = [
  'answered',
  /** The connection could not be opened. Nothing was sent. */
  'unreachable',
  /** The connection broke before the answer. */
  'broken',
  'timeout',
  /** The answer exceeds the limit for answers of upstreams. */
  'too_large',
  /** 401 or 403. */
  'refused',
  /** 429. */
  'throttled',
  'client_error',
  'server_error',
] as const;

export type CallOutcome = (typeof CALL_OUTCOMES)[number];

/** `not_made`: the call was not made. */
export type Outcome = CallOutcome | 'not_made';

const CODES: Readonly<Record<Outcome, MessagingErrorCode>> = {
  not_made: 'ESP_MESSAGING_NOT_CALLED',
  unreachable: 'ESP_MESSAGING_UNREACHABLE',
  broken: 'ESP_MESSAGING_CONNECTION_BROKEN',
  timeout: 'ESP_MESSAGING_TIMEOUT',
  too_large: 'ESP_MESSAGING_ANSWER_TOO_LARGE',
  refused: 'ESP_MESSAGING_REFUSED',
  throttled: 'ESP_MESSAGING_THROTTLED',
  client_error: 'ESP_MESSAGING_CLIENT_ERROR',
  server_error: 'ESP_MESSAGING_SERVER_ERROR',
  answered: 'ESP_MESSAGING_BAD_ANSWER',
};

/** Why a call of the API failed: the `cause` of a failure, for the log and for decisions by outcome. */
export class CallError extends CodedError<MessagingErrorCode> {
  override readonly name = 'CallError';
  constructor(
    readonly outcome: Outcome,
    message: string,
  ) {
    super(CODES[outcome], message);
  }
}

/** The outcome of the call that caused an error, or undefined if no call did. */
export function outcomeOf(error: unknown): Outcome | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof CallError ? cause.outcome : undefined;
}
