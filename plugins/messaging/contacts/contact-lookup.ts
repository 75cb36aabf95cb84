import type { ConnectionFailedError } from 'esp-host';

/** What evidence says about a number. */
export type Decision = 'confirmed' | 'unconfirmed' | 'unknown';

/** The result of a lookup. */
export interface ContactAnswer {
  /** The contact's number as WhatsApp has it, in E.164, or undefined if WhatsApp does not have it. */
  readonly number: string | undefined;
  /** The API client is of a version that calls every number valid. */
  readonly unreliable: boolean;
  /** Of the API client, if it reports one. */
  readonly version: string | undefined;
  /** When the API answered, in ms since the epoch, or undefined if the answer must not be cached. */
  readonly knownSince: number | undefined;
  /** If evidence decides. */
  readonly decision?: Decision;
}

/** Looks up numbers: implemented by a driver for each API, and by decorators that save calls. */
export interface ContactLookup {
  /**
   * Answers at once if no call is needed. It returns the error if the API counts as down: then every request gets it,
   * and throwing it would cost more than the rest of the request.
   * @param number E.164, with the plus
   * @throws ConnectionFailedError, ExecutionFailedError
   */
  lookUp(number: string): ContactAnswer | ConnectionFailedError | Promise<ContactAnswer>;
}

/** An answer for each number, or the error of that number alone. Numbers that the API omits are missing. */
export type ContactAnswers = ReadonlyMap<string, ContactAnswer | Error>;

/** Looks up several numbers with one call. */
export interface ContactsCall {
  /**
   * @param numbers E.164, without duplicates
   * @throws ConnectionFailedError, ExecutionFailedError if the whole call fails
   */
  lookUpAll(numbers: readonly string[]): Promise<ContactAnswers>;
}
