/** The stable name of an error: `ESP_`, the layer, and what went wrong. */
export type ErrorCode = `ESP_${string}`;

/**
 * The error codes of one layer, each with a sentence for docs/reference/errors.md. A layer exports its table from its
 * `errors.ts`, under a name that ends in `_ERRORS`.
 */
export type ErrorTable = Readonly<Record<ErrorCode, string>>;

/** Errors of messages and methods. The host answers those of a method with the fault given here. */
export const ESP_ERRORS = {
  ESP_LIST_VALUE: 'A key-value list cannot hold a value. The message names its key.',
  ESP_LIST_JSON: 'JSON is not in the typed form of a list or message. The message names the place.',
  ESP_PARAMETER_INCORRECT: 'A parameter is missing or has the wrong type: fault 904.',
  ESP_UPSTREAM_CONNECTION_FAILED: 'The upstream of a channel cannot be reached, or refuses the login: fault 901.',
  ESP_UPSTREAM_EXECUTION_FAILED: 'The upstream answered, but did not carry out the request: fault 920.',
  ESP_UPSTREAM_OUTCOME_UNKNOWN: 'The upstream may have carried out the request, or not: fault 920.',
  ESP_REPLY_TOO_LARGE: 'A response is larger than `limits.messageBytes` allows: fault 900.',
} as const satisfies ErrorTable;

/**
 * An error of this package. Programs recognise it by its `code`, which does not change within a major version; the
 * message is for people and may change.
 */
export abstract class CodedError<Code extends ErrorCode = ErrorCode> extends Error {
  constructor(
    readonly code: Code,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Whether a thrown value carries one of these codes, whichever copy of the package it comes from. Never throws. */
export function hasCode(error: unknown, ...codes: readonly ErrorCode[]): boolean {
  try {
    return error instanceof Error && codes.some((code) => (error as { code?: unknown }).code === code);
  } catch {
    // A proxy, or a getter that throws.
    return false;
  }
}

/** A value that a list cannot hold, or JSON that is not a list. The message names the place. */
export class ListError extends CodedError<'ESP_LIST_VALUE' | 'ESP_LIST_JSON'> {
  override readonly name = 'ListError';
}

/** Creates what `new Error` creates, without the stack trace that the constructor of Error takes. */
function stackless(): void {}
stackless.prototype = Error.prototype;
const StacklessError: ErrorConstructor = Object.setPrototypeOf(stackless, Error);

/**
 * The base of errors that are answers: their cause is known. They have no stack trace, because taking one costs more
 * than the rest of the request, and under load every request may be answered with a fault.
 */
export abstract class Failure extends StacklessError {
  override readonly name: string = 'Failure';
  override message: string;
  override readonly cause: unknown;
  /** Subclasses have it on their prototype, where it costs nothing. */
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super();
    this.message = message;
    this.cause = options?.cause;
  }

  /** Only name and message; an error that is its `cause` may have a stack trace. */
  override get stack(): string {
    return `${this.name}: ${this.message}`;
  }

  /** Some libraries assign it, as they do with any error. */
  override set stack(value: string) {
    Object.defineProperty(this, 'stack', { value, writable: true, configurable: true });
  }
}

/** A parameter that is missing or has the wrong type: fault 904. */
export class IncorrectParameterError extends Failure {
  override readonly name = 'IncorrectParameterError';
  constructor(
    readonly parameter: string,
    readonly why: string,
  ) {
    super(`incorrect ${parameter}: ${why}`);
  }

  get code(): 'ESP_PARAMETER_INCORRECT' {
    return 'ESP_PARAMETER_INCORRECT';
  }
}

/** The upstream of a channel cannot be reached, or refuses the login: fault 901. */
export class ConnectionFailedError extends Failure {
  override readonly name = 'ConnectionFailedError';
  constructor(
    readonly channel: string,
    readonly url: string,
    options?: ErrorOptions,
  ) {
    super(`${channel} connection with ${url} failed`, options);
  }

  get code(): 'ESP_UPSTREAM_CONNECTION_FAILED' {
    return 'ESP_UPSTREAM_CONNECTION_FAILED';
  }
}

/** The upstream answered but did not carry out the request: fault 920. `why` is short, for instance `status 500`. */
export class ExecutionFailedError extends Failure {
  override readonly name: string = 'ExecutionFailedError';
  constructor(
    readonly channel: string,
    readonly why: string,
    options?: ErrorOptions,
  ) {
    super(`${channel}: ${why}`, options);
  }

  get code(): 'ESP_UPSTREAM_EXECUTION_FAILED' | 'ESP_UPSTREAM_OUTCOME_UNKNOWN' {
    return 'ESP_UPSTREAM_EXECUTION_FAILED';
  }
}

/** How a FaultString ends when the request may have been carried out. */
export const OUTCOME_UNKNOWN = 'whether it was done is unknown';

/** The upstream may have carried out a request that must not be repeated: fault 920. */
export class OutcomeUnknownError extends ExecutionFailedError {
  override readonly name = 'OutcomeUnknownError';
  constructor(channel: string, why: string, options?: ErrorOptions) {
    super(channel, `${why}; ${OUTCOME_UNKNOWN}`, options);
  }

  override get code(): 'ESP_UPSTREAM_OUTCOME_UNKNOWN' {
    return 'ESP_UPSTREAM_OUTCOME_UNKNOWN';
  }
}

/** A response that is larger than a message may be: fault 900. */
export class ReplyTooLargeError extends Failure {
  override readonly name = 'ReplyTooLargeError';
  constructor(bytes: number, limit: number) {
    super(`the response has at least ${bytes} bytes; limits.messageBytes allows ${limit} bytes`);
  }

  get code(): 'ESP_REPLY_TOO_LARGE' {
    return 'ESP_REPLY_TOO_LARGE';
  }
}
