/** What a responder is told of a request. */
export interface RequestInfo {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** What a call of the contacts endpoint asks for. */
  readonly contacts: readonly string[];
}

/**
 * What happens to a request in place of the usual: another answer, a later one, a TCP reset, no answer ever, or
 * (`loseAnswer`) a TCP reset after the client did what was asked, in place of the answer that tells so.
 * Without a body the answer has the one that fits its status. A text is sent as it is, anything else as JSON.
 */
export type ForcedResponse =
  | {
      readonly status: number;
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
      readonly delayMs?: number;
    }
  | { readonly delayMs: number }
  | 'reset'
  | 'hang'
  | 'loseAnswer';

/** Asked about each request before anything else is done with it; undefined leaves it to the client. */
export type Responder = (request: RequestInfo) => ForcedResponse | undefined | Promise<ForcedResponse | undefined>;
