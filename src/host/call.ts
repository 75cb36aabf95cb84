import type { Got } from 'got';
import type { z } from 'zod';
import type { Application, Channel, ChannelSettings, ChannelType } from '../config/index.js';
import type { EspRequest, KeyValueList } from '../esp/index.js';
import type { Logger, Metrics, RootLogger } from '../telemetry/index.js';

/** What all calls of a host share. */
export interface CallContext {
  readonly application: Application;
  readonly logger: RootLogger;
  readonly metrics: Metrics;
  readonly http: Got;
}

/**
 * One request, as its handler sees it.
 *
 * @typeParam P the schema of the method's parameters: `EspCall<typeof parameters>`
 * @typeParam C the method's channel type, for typed `channel.settings`: `EspCall<typeof parameters, typeof smsChannel>`
 */
export type EspCall<P extends z.ZodType = z.ZodType, C extends string | ChannelType = string> = TypedCall<
  z.output<P>,
  ChannelSettings<C>
>;

/** {@link EspCall} by its output types: a handler may declare fewer parameters than its decorator, but no others. */
export interface TypedCall<out Parameters, out Settings> {
  /** The parameters, parsed by the method's schema. */
  readonly parameters: Parameters;
  /** The request as it arrived, with every key that the schema does not name. */
  readonly request: EspRequest;
  /** The parameters as they arrived: every key, kind and repetition. */
  readonly received: KeyValueList;
  /** The request's UserData; an empty list if it has none. */
  readonly userData: KeyValueList;
  /**
   * The channel that `_umsChannel` names, of the type in the method's `channel` option.
   * @throws Error if the method has no `channel` option
   */
  readonly channel: Channel<Settings>;
  readonly application: Application;
  /** The client's address: `10.1.2.3:40122`. */
  readonly client: string;
  /** Fires at the deadline of the method and when the client disconnects. */
  readonly signal: AbortSignal;
  /** Writes log lines with the request's ReferenceId, client and name. */
  readonly logger: Logger;
  /** got, cancelled by `signal`. It does not retry, and reads up to 10 MB of an answer. */
  readonly http: Got;
  readonly metrics: Metrics;
}

/** The host's side of a call. It creates what is costly (signal, logger, http) on first use. */
export class HostCall implements EspCall {
  readonly #context: CallContext;
  readonly #channel: Channel | undefined;
  #abort: AbortController | undefined;
  #abortReason: Error | undefined;
  #logger: Logger | undefined;
  #http: Got | undefined;

  constructor(
    context: CallContext,
    readonly request: EspRequest,
    readonly parameters: unknown,
    channel: Channel | undefined,
    readonly client: string,
  ) {
    this.#context = context;
    this.#channel = channel;
  }

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

  get channel(): Channel {
    if (this.#channel === undefined) {
      throw new Error(`${this.request.name} has no channel: name its type in @EspMethod's option 'channel'`);
    }
    return this.#channel;
  }

  get hasChannel(): boolean {
    return this.#channel !== undefined;
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#abortReason !== undefined) this.#abort.abort(this.#abortReason);
    }
    return this.#abort.signal;
  }

  get logger(): Logger {
    this.#logger ??= this.#context.logger.child({
      referenceId: this.request.referenceId,
      client: this.client,
      method: this.request.name,
    });
    return this.#logger;
  }

  get http(): Got {
    this.#http ??= this.#context.http.extend({ signal: this.signal });
    return this.#http;
  }

  /** Fires the signal. It never throws, whatever the signal's listeners do. */
  abandon(reason: Error): void {
    this.#abortReason = reason;
    try {
      this.#abort?.abort(reason);
    } catch {
      // The request is over: an error of a listener has no one to go to.
    }
  }
}
