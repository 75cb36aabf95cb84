import type { Got } from 'got';
import type { Application, Channels } from '../config/index.js';
import {
  ConnectionFailedError,
  EspFault,
  type EspReply,
  type EspRequest,
  ExecutionFailedError,
  Failure,
  faults,
  faultTo,
  IncorrectParameterError,
  KeyValueList,
  responseTo,
} from '../esp/index.js';
import { type Clock, type Metrics, RationedLog, type RootLogger } from '../telemetry/index.js';
import { HostCall } from './call.js';
import { Deadlines } from './deadlines.js';
import { ClientGoneError } from './errors.js';
import { type Client, Exchange, PendingExchange, type Reply } from './exchange.js';
import { deadlineOf, type EspMethodHandler, EspResponse, type MethodDefinition } from './method.js';
import { MethodTable, type RegisteredMethod } from './method-table.js';
import type { HostObserver } from './observer.js';
import { Failures, logFault } from './outcomes.js';
import { Addressing, channelOf } from './routing.js';
import { upstreamFault } from './upstream-fault.js';

export interface DispatchLimits {
  /** The longest deadline of a method, and that of a method without its own. */
  readonly deadlineMs: number;
  /** Maximum number of pending requests, over all clients. */
  readonly inFlight: number;
}

export interface DispatcherOptions {
  readonly application: Application;
  readonly channels: Channels;
  readonly limits: DispatchLimits;
  readonly logger: RootLogger;
  readonly metrics: Metrics;
  readonly http: Got;
  /** For deadlines and the log of faults. @default the clock of the machine */
  readonly clock?: Clock;
  readonly observer?: Pick<HostObserver, 'faulted'>;
}

/** The usual outcomes of requests for unknown methods. */
const UNKNOWN_OUTCOMES = ['701', '902'];

/** Finds the method of a request, runs it within its deadline, and sends exactly one reply. */
export class Dispatcher {
  readonly #methods: MethodTable;
  readonly #addressing: Addressing;
  /** By their time in ms: requests of the same queue expire in the order in which they came. */
  readonly #deadlines = new Map<number, Deadlines>();
  /** All unknown methods together, as a client could make up any number of names. */
  readonly #unknown: Failures;
  readonly #log: RationedLog;
  #inFlight = 0;
  #onIdle: (() => void) | undefined;

  constructor(private readonly options: DispatcherOptions) {
    const { application, logger, metrics, clock } = options;
    this.#methods = new MethodTable(metrics);
    this.#log = new RationedLog(logger, clock);
    this.#addressing = new Addressing(application, this.#log);
    this.#unknown = new Failures(metrics, 'unknown', 'unknown', UNKNOWN_OUTCOMES);
  }

  register(definition: MethodDefinition, handler: EspMethodHandler): void {
    this.#methods.register(definition, handler, this.#deadlinesOf(definition));
  }

  #deadlinesOf(definition: MethodDefinition): Deadlines {
    const { limits, clock } = this.options;
    const ms = deadlineOf(definition, limits.deadlineMs);
    const deadlines = this.#deadlines.get(ms) ?? new Deadlines(ms, clock);
    this.#deadlines.set(ms, deadlines);
    return deadlines;
  }

  /** The registered methods. */
  get methods(): MethodDefinition[] {
    return this.#methods.definitions;
  }

  /** The number of pending requests. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Resolves when no request is pending: after `deadlineMs` at the latest, if no more arrive. */
  idle(): Promise<void> {
    if (this.#inFlight === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }

  /** Stops the timers. Pending requests get no reply any more. */
  close(): void {
    for (const deadlines of this.#deadlines.values()) deadlines.stop();
    this.#log.close();
  }

  /**
   * Replies to a request, now or later.
   * @param arrivedAt from `performance.now()`, which costs as much as finding the method: requests that arrive together share it
   * @returns the exchange if its handler is running, so that the adapter can abandon or stop it; undefined if the reply was sent
   */
  dispatch(
    request: EspRequest,
    client: Client,
    reply: Reply,
    arrivedAt = performance.now(),
  ): PendingExchange | undefined {
    const method = this.#methods.find(request);
    const exchange = new Exchange(request, client, reply, method, arrivedAt);
    const refusal = this.#refusal(request, client, method);
    if (method === undefined || refusal !== undefined) {
      this.#fault(exchange, refusal ?? this.#notFound(request));
      return undefined;
    }
    let result: unknown;
    let call: HostCall | IncorrectParameterError | undefined;
    try {
      call = this.#callOf(method, request, client);
      if (call instanceof IncorrectParameterError) {
        result = call;
      } else {
        result = method.handler.handle(call);
        if (isThenable(result)) return this.#wait(exchange, method, call, result);
      }
    } catch (error) {
      this.#fault(exchange, this.#faultOf(error, exchange, call instanceof HostCall ? call : undefined));
      return undefined;
    }
    this.#respond(exchange, method, result);
    return undefined;
  }

  #callOf({ definition, read }: RegisteredMethod, request: EspRequest, client: Client) {
    const list = request.parameters;
    const parameters = read(list);
    if (parameters instanceof IncorrectParameterError) return parameters;
    const { channel: type } = definition;
    const channel = type === undefined ? undefined : channelOf(list, this.options.channels, type);
    if (channel instanceof IncorrectParameterError) return channel;
    return new HostCall(this.options, request, parameters, channel, client.peer);
  }

  /** Replies with fault 920 to a request that exceeds a limit of an adapter. */
  overloaded(request: EspRequest, client: Client, reply: Reply): void {
    const exchange = new Exchange(request, client, reply, this.#methods.find(request), performance.now());
    this.#fault(exchange, faults.overloaded(this.options.application.name, request.name));
  }

  /** The fault for a request that must not reach its method. */
  #refusal(request: EspRequest, client: Client, method: RegisteredMethod | undefined): EspFault | undefined {
    const { application, limits } = this.options;
    if (method === undefined && (request.service === '' || request.method === '')) return faults.invalidRequest();
    if (this.#inFlight >= limits.inFlight) return faults.overloaded(application.name, request.name);
    return this.#addressing.check(request, client);
  }

  #notFound({ service, name }: EspRequest): EspFault {
    return this.#methods.hasService(service) ? faults.unknownMethod(name) : faults.unknownService(service);
  }

  /** Must not throw once the request is counted as pending. */
  #wait(exchange: Exchange, method: RegisteredMethod, call: HostCall, result: PromiseLike<unknown>): PendingExchange {
    exchange.request.detach();
    const { deadlines } = method;
    const pending = new PendingExchange(exchange, call, deadlines, this.#cutOff);
    this.#inFlight++;
    deadlines.add(pending);
    settle(
      result,
      (answer) => this.#settled(pending, method, answer, false),
      (error) => this.#settled(pending, method, error, true),
    );
    return pending;
  }

  /** The handler's promise has settled. Ignored if the exchange has ended before. */
  #settled(pending: PendingExchange, method: RegisteredMethod, answer: unknown, isError: boolean): void {
    const { exchange, call } = pending;
    if (exchange === undefined) {
      const { service, method: name } = method.definition;
      this.#log.write('debug', 'late', '', () => `${service}.${name} finished too late`);
      return;
    }
    this.#end(pending);
    if (isError) this.#fault(exchange, this.#faultOf(answer, exchange, call));
    else this.#respond(exchange, method, answer);
  }

  readonly #cutOff = (pending: PendingExchange, why: 'deadline' | 'stopping'): void => {
    const { exchange, call } = pending;
    if (exchange === undefined) return;
    const { request, method } = exchange;
    const { application } = this.options;
    const idempotent = method?.definition.idempotent;
    const who = this.#who(call);
    const fault =
      why === 'deadline'
        ? faults.deadlinePassed(who, request.name, pending.deadlines.deadlineMs, idempotent)
        : faults.stopping(application.name, request.name, idempotent);
    // The list of deadlines has removed an exchange that it expires.
    if (why === 'deadline') this.#leave(pending);
    else this.#end(pending);
    this.#fault(exchange, fault);
    call?.abandon(fault);
  };

  /** The channel of a call, or the application. */
  #who(call: HostCall | undefined): string {
    return call?.hasChannel === true ? call.channel.name : this.options.application.name;
  }

  #faultOf(error: unknown, { request, method }: Exchange, call: HostCall | undefined): EspFault {
    try {
      const fault = upstreamFault(error, this.#who(call), request.name, method?.definition.idempotent);
      if (fault !== undefined) return fault;
    } catch {
      // Plugins can throw anything, even values that throw when they are read.
    }
    return faultOf(error, request);
  }

  /** The client has gone: aborts the handler's signal, and ignores its result. */
  abandon(pending: PendingExchange): void {
    const { exchange, call } = pending;
    if (exchange === undefined) return;
    this.#end(pending);
    call?.abandon(new ClientGoneError());
    this.#recordAbandoned(exchange);
  }

  #end(pending: PendingExchange): void {
    this.#leave(pending);
    pending.deadlines.remove(pending);
  }

  #leave(pending: PendingExchange): void {
    pending.end();
    this.#inFlight--;
    if (this.#inFlight === 0) this.#onIdle?.();
  }

  #respond(exchange: Exchange, method: RegisteredMethod, result: unknown): void {
    const { request } = exchange;
    if (result instanceof Failure) {
      this.#fault(exchange, faultOf(result, request));
      return;
    }
    try {
      exchange.reply(this.#response(method, request, result));
    } catch (error) {
      this.#fault(exchange, faults.unexpected(request.name, request.referenceId, error));
      return;
    }
    this.#recordResponse(exchange, method);
  }

  #response(method: RegisteredMethod, request: EspRequest, result: unknown): EspReply {
    if (typeof result !== 'object' || result === null) {
      const what = result === null ? 'null' : typeof result;
      throw new TypeError(`handle() returned ${what}, not the parameters of the response`);
    }
    const response = result instanceof EspResponse ? result : new EspResponse(result as KeyValueList);
    const parameters = method.write(response.parameters, request.text);
    const userData = response.userData === undefined ? undefined : KeyValueList.from(response.userData, request.text);
    return responseTo(request, this.options.application.type, parameters, userData);
  }

  #fault(exchange: Exchange, fault: EspFault): void {
    const { request, reply } = exchange;
    const { type } = this.options.application;
    let sent = fault;
    try {
      reply(faultTo(request, type, fault), fault);
    } catch (error) {
      sent = faults.unexpected(request.name, request.referenceId, error);
      try {
        reply(faultTo(request, type, sent), sent);
      } catch {
        // Only the log can tell.
      }
    }
    this.#recordFault(exchange, sent);
  }

  /** Counts the outcome, after the reply. A failure here costs a number or a line. */
  #recordResponse({ startedAt }: Exchange, method: RegisteredMethod): void {
    try {
      method.answered.add(startedAt);
    } catch {
      // See above.
    }
  }

  #recordFault(exchange: Exchange, fault: EspFault): void {
    const { request, client } = exchange;
    try {
      logFault(this.#log, this.#count(exchange, fault.code), request, fault, client);
      this.options.observer?.faulted?.(request, client.peer, fault);
    } catch {
      // See above.
    }
  }

  #recordAbandoned(exchange: Exchange): void {
    try {
      this.#count(exchange, 'abandoned');
    } catch {
      // See above.
    }
  }

  /** Counts a request without a response. Returns the name of the outcome. */
  #count({ method, startedAt }: Exchange, outcome: string): string {
    const counted = (method?.failures ?? this.#unknown).of(outcome);
    counted.add(startedAt);
    return counted.name;
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as PromiseLike<unknown> | undefined)?.then === 'function';

const { then } = Promise.prototype;

/**
 * Calls one of the callbacks, once and asynchronously, for any kind of thenable: one that settles twice, a subclass, or a
 * promise with its own `then` or `constructor`. Faster than `await`, which creates another function and another promise.
 */
function settle(result: PromiseLike<unknown>, done: (answer: unknown) => void, failed: (error: unknown) => void): void {
  try {
    then.call(Promise.resolve(result), done, failed);
  } catch (error) {
    then.call(Promise.reject(error), done, failed);
  }
}

/** The fault for an error of a handler. Plugins can throw anything, even values that throw when they are read. */
function faultOf(error: unknown, request: EspRequest): EspFault {
  try {
    // A copy, as the plugin may have changed its code or text to something else.
    if (error instanceof EspFault) return new EspFault(error.code, error.message, error.reason, { cause: error.cause });
    if (error instanceof IncorrectParameterError)
      return faults.incorrectParameter(request.name, error.parameter, error.why);
    if (error instanceof ConnectionFailedError) return faults.connectionFailed(error.channel, error.url, error.cause);
    if (error instanceof ExecutionFailedError) {
      return faults.upstreamFailed(error.channel, request.name, error.why, error.cause);
    }
    return faults.unexpected(request.name, request.referenceId, error);
  } catch (problem) {
    return faults.unexpected(request.name, request.referenceId, problem);
  }
}
