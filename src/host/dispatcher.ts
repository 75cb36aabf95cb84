import type { Got } from 'got';
import type { Application, Channels } from '../config/index.js';
import {
  ConnectionFailedError,
  cutText,
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
import { addressOf, type Clock, type Metrics, RationedLog, type RootLogger } from '../telemetry/index.js';
import { otherApplication } from './addressing.js';
import { type CallContext, HostCall } from './call.js';
import { channelOf } from './channel.js';
import { type Client, OncePerClient } from './client-context.js';
import { Deadlines } from './deadlines.js';
import { ClientGoneError } from './errors.js';
import { logFault } from './fault-log.js';
import { InFlight, type Reply } from './in-flight.js';
import { type EspMethodHandler, EspResponse, type MethodDefinition } from './method.js';
import { type ParameterReader, parameterReader } from './parameters.js';
import { Failures, type Outcome, outcomeOf } from './request-metrics.js';
import { type ResultWriter, resultWriter } from './response.js';

export interface DispatchLimits {
  readonly deadlineMs: number;
  /** Most requests that wait for their handlers at one time, over all clients. */
  readonly inFlight: number;
}

export interface DispatcherOptions {
  readonly application: Application;
  readonly channels: Channels;
  readonly limits: DispatchLimits;
  readonly logger: RootLogger;
  readonly metrics: Metrics;
  readonly http: Got;
  /** In place of the machine's, for deadlines and the faults in the log. */
  readonly clock?: Clock;
}

/** How requests for names that nobody registered usually end. */
const UNKNOWN = ['701', '902'];

/** Characters of a name that a client sent, in a log line. */
const NAME_SHOWN = 200;

interface ReadyMethod {
  readonly definition: MethodDefinition;
  readonly handler: EspMethodHandler;
  readonly read: ParameterReader;
  readonly write: ResultWriter;
  readonly answered: Outcome;
  readonly failures: Failures;
}

/** Finds the method that a request asks for, runs it within its deadline, and gives exactly one reply. */
export class Dispatcher {
  readonly #methods = new Map<string, Map<string, ReadyMethod>>();
  readonly #deadlines: Deadlines;
  readonly #once = new OncePerClient();
  readonly #context: CallContext;
  /** Of requests for what nobody registered: a client could make any number of names. */
  readonly #unknown: Failures;
  readonly #log: RationedLog;
  #inFlight = 0;
  #idle: (() => void) | undefined;

  constructor(private readonly options: DispatcherOptions) {
    this.#deadlines = new Deadlines(options.limits.deadlineMs, options.clock);
    this.#context = options;
    this.#unknown = new Failures(options.metrics, 'unknown', 'unknown', UNKNOWN);
    this.#log = new RationedLog(options.logger, options.clock);
  }

  /** Registers a method with its ready handler. */
  register(definition: MethodDefinition, handler: EspMethodHandler): void {
    const { service, method } = definition;
    const { metrics } = this.options;
    const methods = this.#methods.get(service) ?? new Map<string, ReadyMethod>();
    this.#methods.set(service, methods);
    methods.set(method, {
      definition,
      handler,
      read: parameterReader(definition.parameters),
      write: resultWriter(definition.response),
      answered: outcomeOf(metrics, service, method, 'response'),
      failures: new Failures(metrics, service, method),
    });
  }

  /** Every registered method. */
  get methods(): MethodDefinition[] {
    return [...this.#methods.values()].flatMap((methods) => [...methods.values()].map(({ definition }) => definition));
  }

  /** Requests that wait for their handlers. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Resolves when nothing is in flight; a dispatcher that gets no more requests is idle when deadlineMs has passed. */
  idle(): Promise<void> {
    if (this.#inFlight === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idle = resolve;
    });
  }

  /** Ends the timers; called when nothing is in flight any more, or nobody waits. */
  close(): void {
    this.#deadlines.stop();
    this.#log.close();
  }

  /**
   * Answers a request, at once or later.
   * @returns what waits for the handler, for the adapter to abandon when the client goes; undefined: it is answered
   */
  dispatch(request: EspRequest, client: Client, reply: Reply): InFlight | undefined {
    const startedAt = performance.now();
    const ready = this.#methods.get(request.service)?.get(request.method);
    const refusal = this.#refusal(request, client, ready);
    if (ready === undefined || refusal !== undefined) {
      const fault = refusal ?? this.#notFound(request);
      this.#fault(ready, request, fault, client, reply, startedAt);
      return undefined;
    }
    let result: unknown;
    try {
      const call = this.#callOf(ready, request, client);
      if (call instanceof IncorrectParameterError) {
        result = call;
      } else {
        result = ready.handler.handle(call);
        if (isThenable(result)) return this.#wait(ready, call, client, result, reply, startedAt);
      }
    } catch (error) {
      this.#fault(ready, request, faultOf(error, request), client, reply, startedAt);
      return undefined;
    }
    this.#respond(ready, request, result, client, reply, startedAt);
    return undefined;
  }

  #callOf({ definition, read }: ReadyMethod, request: EspRequest, client: Client): HostCall | IncorrectParameterError {
    const list = request.parameters;
    const parameters = read(list);
    if (parameters instanceof IncorrectParameterError) return parameters;
    const { channel: type } = definition;
    const channel = type === undefined ? undefined : channelOf(list, this.options.channels, type);
    if (channel instanceof IncorrectParameterError) return channel;
    return new HostCall(this.#context, request, parameters, channel, client.peer);
  }

  /** The fault for a request that an adapter's own limit turns away. */
  overloaded(request: EspRequest, client: Client, reply: Reply): void {
    const ready = this.#methods.get(request.service)?.get(request.method);
    const fault = faults.overloaded(this.options.application.name, request.name);
    this.#fault(ready, request, fault, client, reply, performance.now());
  }

  /** Why a request is not given to its method, or would not be if there were one. */
  #refusal(request: EspRequest, client: Client, ready: ReadyMethod | undefined): EspFault | undefined {
    const { application, limits } = this.options;
    if (ready === undefined && (request.service === '' || request.method === '')) return faults.invalidRequest();
    if (this.#inFlight >= limits.inFlight) return faults.overloaded(application.name, request.name);
    const other = otherApplication(request, application);
    if (other === undefined) return undefined;
    if (application.addressing === 'strict') return faults.unknownApplication(other);
    this.#warnOfOther(other, request, client);
    return undefined;
  }

  #notFound({ service, name }: EspRequest): EspFault {
    return this.#methods.has(service) ? faults.unknownMethod(name) : faults.unknownService(service);
  }

  #warnOfOther(other: string, { referenceId }: EspRequest, client: Client): void {
    if (!this.#once.first(client, other)) return;
    const { name } = this.options.application;
    const { peer } = client;
    const asked = cutText(other, NAME_SHOWN);
    this.#log.write(
      'warn',
      'other application',
      addressOf(peer),
      () => `a request for ${asked} is answered by ${name} (application.addressing: lenient)`,
      () => ({ referenceId, client: peer }),
    );
  }

  /** Nothing in here throws once the request counts as in flight. */
  #wait(
    ready: ReadyMethod,
    call: HostCall,
    client: Client,
    result: PromiseLike<unknown>,
    reply: Reply,
    startedAt: number,
  ): InFlight {
    call.request.detach();
    const waiting = new InFlight(call, client, reply, startedAt, (one, why) => this.#cutOff(one, why, ready));
    this.#inFlight++;
    this.#deadlines.add(waiting);
    settle(
      result,
      (answer) => this.#settled(waiting, ready, answer, false),
      (error) => this.#settled(waiting, ready, error, true),
    );
    return waiting;
  }

  /** The handler is done; its answer counts only where nothing else has ended the request. */
  #settled(waiting: InFlight, ready: ReadyMethod, answer: unknown, failed: boolean): void {
    const { call, client, reply, startedAt } = waiting;
    if (call === undefined) {
      this.#wasLate(ready);
      return;
    }
    this.#end(waiting);
    if (failed) this.#fault(ready, call.request, faultOf(answer, call.request), client, reply, startedAt);
    else this.#respond(ready, call.request, answer, client, reply, startedAt);
  }

  #cutOff(waiting: InFlight, why: 'deadline' | 'stopping', ready: ReadyMethod): void {
    const { call, client, reply, startedAt } = waiting;
    if (call === undefined) return;
    const { application, limits } = this.options;
    const { name } = call.request;
    const { idempotent } = ready.definition;
    const who = call.hasChannel ? call.channel.name : application.name;
    const fault =
      why === 'deadline'
        ? faults.deadlinePassed(who, name, limits.deadlineMs, idempotent)
        : faults.stopping(application.name, name, idempotent);
    waiting.end();
    this.#left();
    if (why === 'stopping') this.#deadlines.remove(waiting);
    this.#fault(ready, call.request, fault, client, reply, startedAt);
    call.abandon(fault);
  }

  #wasLate({ definition: { service, method } }: ReadyMethod): void {
    this.#log.write('debug', 'late', '', () => `${service}.${method} was done too late`);
  }

  /** The client has gone: aborts the handler's signal, and drops whatever it answers. */
  abandon(waiting: InFlight): void {
    const { call, client, startedAt } = waiting;
    if (call === undefined) return;
    this.#end(waiting);
    call.abandon(new ClientGoneError());
    this.#tell(
      this.#methods.get(call.request.service)?.get(call.request.method),
      'abandoned',
      call.request,
      client,
      startedAt,
    );
  }

  #end(waiting: InFlight): void {
    waiting.end();
    this.#left();
    this.#deadlines.remove(waiting);
  }

  #left(): void {
    this.#inFlight--;
    if (this.#inFlight === 0) this.#idle?.();
  }

  #respond(
    ready: ReadyMethod,
    request: EspRequest,
    result: unknown,
    client: Client,
    reply: Reply,
    startedAt: number,
  ): void {
    if (result instanceof Failure) {
      this.#fault(ready, request, faultOf(result, request), client, reply, startedAt);
      return;
    }
    try {
      reply(this.#response(ready, request, result));
    } catch (error) {
      const fault = faults.unexpected(request.name, request.referenceId, error);
      this.#fault(ready, request, fault, client, reply, startedAt);
      return;
    }
    this.#tell(ready, 'response', request, client, startedAt);
  }

  #response(ready: ReadyMethod, request: EspRequest, result: unknown): EspReply {
    if (typeof result !== 'object' || result === null) {
      throw new TypeError(`handle() gave ${result === null ? 'null' : typeof result}, not the response's parameters`);
    }
    const response = result instanceof EspResponse ? result : new EspResponse(result as KeyValueList);
    const parameters = ready.write(response.parameters, request.text);
    const userData = response.userData === undefined ? undefined : KeyValueList.from(response.userData, request.text);
    return responseTo(request, this.options.application.type, parameters, userData);
  }

  #fault(
    ready: ReadyMethod | undefined,
    request: EspRequest,
    fault: EspFault,
    client: Client,
    reply: Reply,
    startedAt: number,
  ): void {
    const { type } = this.options.application;
    let told = fault;
    try {
      reply(faultTo(request, type, fault), fault);
    } catch (error) {
      told = faults.unexpected(request.name, request.referenceId, error);
      try {
        reply(faultTo(request, type, told), told);
      } catch {
        // Not even that can be written: the log has to do.
      }
    }
    this.#tell(ready, told, request, client, startedAt);
  }

  /** Counts and logs how a request ended, behind all else: where this fails, it is but a number or a line that is lost. */
  #tell(
    ready: ReadyMethod | undefined,
    ended: 'response' | 'abandoned' | EspFault,
    request: EspRequest,
    client: Client,
    startedAt: number,
  ): void {
    try {
      if (ended === 'response') {
        ready?.answered.add(startedAt);
        return;
      }
      const failures = ready?.failures ?? this.#unknown;
      const outcome = failures.of(ended === 'abandoned' ? ended : ended.code);
      outcome.add(startedAt);
      if (ended !== 'abandoned') logFault(this.#log, outcome.name, request, ended, client);
    } catch {
      // See above.
    }
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as PromiseLike<unknown> | undefined)?.then === 'function';

const { then } = Promise.prototype;

/**
 * Calls one of the two callbacks, once and later, whatever kind of thenable it gets: one that settles twice, a subclass, or a
 * promise with a `then` or `constructor` of its own. Faster than `await`, which needs a function and a promise more.
 */
function settle(result: PromiseLike<unknown>, done: (answer: unknown) => void, failed: (error: unknown) => void): void {
  try {
    then.call(Promise.resolve(result), done, failed);
  } catch (error) {
    then.call(Promise.reject(error), done, failed);
  }
}

/** What an error of a handler is answered with. A plugin may throw anything, and what it throws may throw when looked at. */
function faultOf(error: unknown, request: EspRequest): EspFault {
  try {
    // Another one: of this one the code and the text may be anything by now.
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
