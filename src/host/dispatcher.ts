import type { Got } from 'got';
import type { Application, Channels } from '../config/index.js';
import {
  ConnectionFailed,
  EspFault,
  type EspReply,
  type EspRequest,
  ExecutionFailed,
  faults,
  faultTo,
  IncorrectParameter,
  KeyValueList,
  responseTo,
} from '../esp/index.js';
import type { Clock, Metrics, RootLogger } from '../telemetry/index.js';
import { otherApplication } from './addressing.js';
import { type CallContext, EspCall } from './call.js';
import { channelOf } from './channel.js';
import { type Client, OncePerClient } from './client-context.js';
import { Deadlines } from './deadlines.js';
import { FaultLog } from './fault-log.js';
import { InFlight, type Reply } from './in-flight.js';
import { type EspMethodHandler, EspResponse, type MethodDefinition } from './method.js';
import { type ParameterReader, parameterReader, type ResultWriter, resultWriter } from './parameters.js';
import { type Outcome, RequestMetrics } from './request-metrics.js';

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

interface ReadyMethod {
  readonly definition: MethodDefinition;
  readonly handler: EspMethodHandler;
  readonly read: ParameterReader;
  readonly write: ResultWriter;
  readonly answered: Outcome;
}

/** Finds the method that a request asks for, runs it within its deadline, and gives exactly one reply. */
export class Dispatcher {
  readonly #methods = new Map<string, Map<string, ReadyMethod>>();
  readonly #deadlines: Deadlines;
  readonly #once = new OncePerClient();
  readonly #context: CallContext;
  readonly #measured: RequestMetrics;
  readonly #faultLog: FaultLog;
  #inFlight = 0;
  #idle: (() => void) | undefined;

  constructor(private readonly options: DispatcherOptions) {
    this.#deadlines = new Deadlines(options.limits.deadlineMs, options.clock);
    this.#context = options;
    this.#measured = new RequestMetrics(options.metrics);
    this.#faultLog = new FaultLog(options.logger, options.clock);
  }

  /** Registers a method with its ready handler. */
  register(definition: MethodDefinition, handler: EspMethodHandler): void {
    const { service, method } = definition;
    const methods = this.#methods.get(service) ?? new Map<string, ReadyMethod>();
    this.#methods.set(service, methods);
    methods.set(method, {
      definition,
      handler,
      read: parameterReader(definition.parameters),
      write: resultWriter(definition.response),
      answered: this.#measured.answers(service, method),
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
    this.#faultLog.close();
  }

  /**
   * Answers a request, at once or later.
   * @returns what waits for the handler, for the adapter to abandon when the client goes; undefined: it is answered
   */
  dispatch(request: EspRequest, client: Client, reply: Reply): InFlight | undefined {
    const startedAt = performance.now();
    try {
      const ready = this.#find(request, client);
      const { definition } = ready;
      const list = request.parameters;
      const parameters = ready.read(list);
      const channel =
        definition.channel === undefined ? undefined : channelOf(list, this.options.channels, definition.channel);
      const call = new EspCall(this.#context, request, parameters, channel, client.peer);
      const result = ready.handler.handle(call);
      if (!isThenable(result)) {
        this.#respond(ready, request, client, result, reply, startedAt);
        return undefined;
      }
      return this.#wait(ready, call, client, result, reply, startedAt);
    } catch (error) {
      this.#fault(request, faultOf(error, request), client, reply, startedAt);
      return undefined;
    }
  }

  /** The fault for a request that an adapter's own limit turns away. */
  overloaded(request: EspRequest, client: Client, reply: Reply): void {
    const fault = faults.overloaded(this.options.application.name, request.name);
    this.#fault(request, fault, client, reply, performance.now());
  }

  /** Fault 900 for a request whose reply could not be made, with the log line. */
  unexpected(request: EspRequest, client: Client, error: unknown): EspReply {
    const fault = faults.unexpected(request.name, request.referenceId, error);
    this.#failed(request, fault, client, performance.now());
    return faultTo(request, this.options.application.type, fault);
  }

  #fault(request: EspRequest, fault: EspFault, client: Client, reply: Reply, startedAt: number): void {
    this.#failed(request, fault, client, startedAt);
    reply(faultTo(request, this.options.application.type, fault), fault);
  }

  #failed(request: EspRequest, fault: EspFault, client: Client, startedAt: number): void {
    this.#faultLog.write(request, fault, client, this.#names(request).join('.'));
    this.#ended(request, fault.code, startedAt);
  }

  #find(request: EspRequest, client: Client): ReadyMethod {
    const { service, method } = request;
    const { application } = this.options;
    if (service === '' || method === '') throw faults.invalidRequest();
    if (this.#inFlight >= this.options.limits.inFlight) throw faults.overloaded(application.name, request.name);
    this.#checkAddress(request, client);
    const methods = this.#methods.get(service);
    if (methods === undefined) throw faults.unknownService(service);
    const ready = methods.get(method);
    if (ready === undefined) throw faults.unknownMethod(request.name);
    return ready;
  }

  #checkAddress(request: EspRequest, client: Client): void {
    const { application, logger } = this.options;
    const other = otherApplication(request, application);
    if (other === undefined) return;
    if (application.addressing === 'strict') throw faults.unknownApplication(other);
    if (this.#once.first(client, other)) {
      logger.warn(`a request for ${other} is answered by ${application.name} (application.addressing: lenient)`, {
        referenceId: request.referenceId,
        client: client.peer,
      });
    }
  }

  #wait(
    ready: ReadyMethod,
    call: EspCall,
    client: Client,
    result: PromiseLike<unknown>,
    reply: Reply,
    startedAt: number,
  ): InFlight {
    call.request.detach();
    const waiting = new InFlight(call, client, reply, startedAt, (one, why) => this.#cutOff(one, why, ready));
    this.#inFlight++;
    this.#deadlines.add(waiting);
    result.then(
      (value) => this.#settle(waiting, () => this.#respond(ready, call.request, client, value, reply, startedAt)),
      (error: unknown) => {
        const fault = faultOf(error, call.request);
        this.#settle(waiting, () => this.#fault(call.request, fault, client, reply, startedAt));
      },
    );
    return waiting;
  }

  /** The handler is done; its answer counts only where nothing else has ended the request. */
  #settle(waiting: InFlight, answer: () => void): void {
    if (waiting.over) {
      this.options.logger.debug(`${waiting.call.request.name} was done too late`, {
        referenceId: waiting.call.request.referenceId,
        client: waiting.client.peer,
      });
      return;
    }
    this.#end(waiting);
    answer();
  }

  #cutOff(waiting: InFlight, why: 'deadline' | 'stopping', { definition: { idempotent } }: ReadyMethod): void {
    const { call } = waiting;
    const { name } = call.request;
    const who = call.hasChannel ? call.channel.name : this.options.application.name;
    const fault =
      why === 'deadline'
        ? faults.deadlinePassed(who, name, this.options.limits.deadlineMs, idempotent)
        : faults.stopping(this.options.application.name, name, idempotent);
    waiting.over = true;
    this.#left();
    if (why === 'stopping') this.#deadlines.remove(waiting);
    call.abandon(fault);
    this.#fault(call.request, fault, waiting.client, waiting.reply, waiting.startedAt);
  }

  /** The client has gone: the handler is told, and whatever it answers is dropped. */
  abandon(waiting: InFlight, reason: Error): void {
    if (waiting.over) return;
    this.#end(waiting);
    waiting.call.abandon(reason);
    this.#ended(waiting.call.request, 'abandoned', waiting.startedAt);
  }

  #end(waiting: InFlight): void {
    waiting.over = true;
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
    client: Client,
    result: unknown,
    reply: Reply,
    startedAt: number,
  ): void {
    let message: EspReply;
    try {
      message = this.#response(ready, request, result);
    } catch (error) {
      this.#fault(request, faults.unexpected(request.name, request.referenceId, error), client, reply, startedAt);
      return;
    }
    ready.answered.add(startedAt);
    reply(message);
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

  /** Names that nobody registered are not made into labels: a client could make any number of them. */
  #names(request: EspRequest): [string, string] {
    const known = this.#methods.get(request.service)?.has(request.method) ?? false;
    return known ? [request.service, request.method] : ['unknown', 'unknown'];
  }

  #ended(request: EspRequest, outcome: string, startedAt: number): void {
    this.#measured.outcome(...this.#names(request), outcome).add(startedAt);
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as PromiseLike<unknown> | undefined)?.then === 'function';

/** What an error of a handler is answered with. */
function faultOf(error: unknown, request: EspRequest): EspFault {
  if (error instanceof EspFault) return error;
  if (error instanceof IncorrectParameter) return faults.incorrectParameter(request.name, error.parameter, error.why);
  if (error instanceof ConnectionFailed) return faults.connectionFailed(error.channel, error.url, error.cause);
  if (error instanceof ExecutionFailed) {
    return faults.upstreamFailed(error.channel, request.name, error.why, error.cause);
  }
  return faults.unexpected(request.name, request.referenceId, error);
}
