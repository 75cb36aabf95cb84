import type { ConnectionFailedError } from 'esp-host';

/** What is known of a number after a lookup. */
export interface ContactAnswer {
  /** The contact's number as WhatsApp has it, in E.164; undefined: not on WhatsApp, or no number. */
  readonly number: string | undefined;
  /** The answer would be the same for any number: the client is of a version that calls all of them valid. */
  readonly unreliable: boolean;
  /** Of the API client that answered, where it says so. */
  readonly version: string | undefined;
  /** When it was found out, in milliseconds since 1970; undefined: it is not to be remembered. */
  readonly knownSince: number | undefined;
}

/** Where a number is looked up: a port with a driver for each way, and a decorator for each way to ask less. */
export interface ContactLookup {
  /**
   * Answers at once where nobody need be asked. An upstream that counts as away is returned, since throwing it would cost
   * more than all else of a request, and then every request comes to it.
   * @param number E.164, with the plus. @throws ConnectionFailedError, ExecutionFailedError
   */
  lookUp(number: string): ContactAnswer | ConnectionFailedError | Promise<ContactAnswer>;
}

/** An answer, or what went wrong with this number alone; a number that is missing has no answer. */
export type ContactAnswers = ReadonlyMap<string, ContactAnswer | Error>;

/** Where several numbers are looked up with one call. */
export interface ContactsCall {
  /** @param numbers E.164, each once. @throws ConnectionFailedError, ExecutionFailedError where the call as a whole failed */
  lookUpAll(numbers: readonly string[]): Promise<ContactAnswers>;
}
