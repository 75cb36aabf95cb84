import type { Got } from 'esp-host';

/** What is known of a number after a lookup. */
export interface ContactAnswer {
  /** The contact's id, digits without a plus; undefined: not on WhatsApp, or no number. */
  readonly waId: string | undefined;
  /** The answer would be the same for any number: the client is of a version that calls all of them valid. */
  readonly unreliable: boolean;
  /** Of the API client that answered, where it says so. */
  readonly version: string | undefined;
}

/** Where a number is looked up: a port with a driver for each way. */
export interface ContactLookup {
  /** @param number E.164, with the plus. @throws ConnectionFailed, ExecutionFailed */
  lookUp(number: string, http: Got): Promise<ContactAnswer>;
  close(): void;
}
