import type { Got } from 'got';
import type { z } from 'zod';
import type { Application, Channel } from '../config/index.js';
import type { EspRequest, KeyValueList } from '../esp/index.js';
import type { Logger, Metrics, RootLogger } from '../telemetry/index.js';

/** What all calls of a host share. */
export interface CallContext {
  readonly application: Application;
  readonly logger: RootLogger;
  readonly metrics: Metrics;
  readonly http: Got;
}

/** One request, as its handler sees it. What costs something (signal, logger, http) is made when first asked for. */
export class EspCall<P extends z.ZodType = z.ZodType> {
  readonly #context: CallContext;
  readonly #channel: Channel | undefined;
  #abort: AbortController | undefined;
  #abortReason: Error | undefined;
  #logger: Logger | undefined;
  #http: Got | undefined;

  constructor(
    context: CallContext,
    /** The request as it came, with everything that its schema does not name. */
    readonly request: EspRequest,
    /** Checked and typed by the method's schema. */
    readonly parameters: z.output<P>,
    channel: Channel | undefined,
    /** The client's address. */
    readonly client: string,
  ) {
    this.#context = context;
    this.#channel = channel;
  }

  /** The parameters as they came: every key, kind and repetition. */
  get received(): KeyValueList {
    return this.request.parameters;
  }

  get userData(): KeyValueList {
    return this.request.userData;
  }

  get application(): Application {
    return this.#context.application;
  }

  get metrics(): Metrics {
    return this.#context.metrics;
  }

  /** The channel that `_umsChannel` names, of the type that the method's `channel` option asks for. */
  get channel(): Channel {
    if (this.#channel === undefined) {
      throw new Error(`${this.request.name} has no channel: name its type in @EspMethod's option 'channel'`);
    }
    return this.#channel;
  }

  get hasChannel(): boolean {
    return this.#channel !== undefined;
  }

  /** Fires at the deadline, or when the client has gone. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#abortReason !== undefined) this.#abort.abort(this.#abortReason);
    }
    return this.#abort.signal;
  }

  /** Writes lines that carry the request's ReferenceId, client and name. */
  get logger(): Logger {
    this.#logger ??= this.#context.logger.child({
      referenceId: this.request.referenceId,
      client: this.client,
      method: this.request.name,
    });
    return this.#logger;
  }

  /** got, ended by `signal`. It retries nothing by itself. */
  get http(): Got {
    this.#http ??= this.#context.http.extend({ signal: this.signal });
    return this.#http;
  }

  /** The host's: nobody waits for the answer any more. Whatever listens to the signal, it never throws. */
  abandon(reason: Error): void {
    this.#abortReason = reason;
    try {
      this.#abort?.abort(reason);
    } catch {
      // The request is over, and a plugin that fails at its end can change nothing about it.
    }
  }
}
