import { injectable } from 'inversify';
import type { z } from 'zod';
import type { ChannelType } from '../config/index.js';
import type {
  ConnectionFailedError,
  EspFault,
  ExecutionFailedError,
  IncorrectParameterError,
  KeyValueList,
  PlainValues,
} from '../esp/index.js';
import type { EspCall } from './call.js';
import { PluginDefinitionError } from './errors.js';
import { checkResponseSchema, type FitsList } from './response.js';

/** A response with UserData. A response without it can be the parameters alone. */
export class EspResponse<P extends PlainValues | KeyValueList = PlainValues | KeyValueList> {
  constructor(
    readonly parameters: P,
    readonly userData?: PlainValues | KeyValueList,
  ) {}
}

/**
 * What a handler may return: the response's parameters, with UserData as an {@link EspResponse}, or a fault. Returning a
 * fault costs less than throwing it.
 */
export type EspResult<P> =
  | P
  | KeyValueList
  | EspResponse<(P & PlainValues) | KeyValueList>
  | EspFault
  | IncorrectParameterError
  | ConnectionFailedError
  | ExecutionFailedError;

/**
 * The handler of one method.
 *
 * @typeParam P the schema of its parameters
 * @typeParam R the schema of its response
 * @typeParam C its channel type, if it has one
 */
export interface EspMethodHandler<
  P extends z.ZodType = z.ZodType,
  R extends z.ZodType = z.ZodType,
  C extends string | ChannelType = string,
> {
  // A property, since TypeScript does not check the parameters of a method strictly.
  /** Answers a request, at once or with a promise. At once is faster. */
  readonly handle: (call: EspCall<P, C>) => EspResult<z.input<R>> | Promise<EspResult<z.input<R>>>;
}

/** What `@EspMethod` takes. */
export interface EspMethodOptions<P extends z.ZodType, R extends z.ZodType, C extends string | ChannelType = string> {
  /** Types and checks the parameters, words the faults 904, documents the method. */
  readonly parameters: P;
  /** Types, checks and documents the response. Its values must fit a key-value list. */
  readonly response: R;
  /** For strategists: what the method does, in a sentence or two. @default none */
  readonly description?: string;
  /** For strategists: what to know before using the method. @default none */
  readonly warning?: string;
  /**
   * Whether repeating a request does no harm. If false, as for a method that sends something, the fault at the deadline
   * says that the outcome is unknown, and the documentation tells strategists not to repeat the request. @default true
   */
  readonly idempotent?: boolean | undefined;
  /**
   * Time in ms, less than `limits.deadlineMs` of the host, after which a request is answered with fault 920. Where the
   * host's is shorter, it applies. @default the host's
   */
  readonly deadlineMs?: number | undefined;
  /**
   * The type of the channel that the parameter `_umsChannel` names: a channel type of the plugin, or the name of another
   * plugin's. The call then has the channel. @default none
   */
  readonly channel?: C;
}

/** What `@EspMethod` says of a class. `channel` is the name of the type. */
export interface MethodDefinition extends EspMethodOptions<z.ZodType, z.ZodType, string> {
  /** Undefined for a type of another plugin, or none. */
  readonly channelType?: ChannelType;
  readonly service: string;
  readonly method: string;
}

/** A class with `@EspMethod`. Without type arguments, any such class. */
export type HandlerClass<
  P extends z.ZodType = never,
  R extends z.ZodType = z.ZodType,
  C extends string | ChannelType = never,
> = new (
  // biome-ignore lint/suspicious/noExplicitAny: the container calls the constructor with what it injects
  ...injected: any[]
) => EspMethodHandler<P, R, C>;

const DEFINITION = Symbol.for('esp-host.method');

/**
 * Makes a class the handler of Service.Method.
 *
 * @throws PluginDefinitionError if a name is empty, the deadline is not a number of ms, or the response has a value that a
 *   key-value list cannot hold
 */
export function EspMethod<P extends z.ZodType, R extends z.ZodType, C extends string | ChannelType = string>(
  service: string,
  method: string,
  options: EspMethodOptions<P, R, C> & { readonly response: FitsList<R> },
): (target: HandlerClass<P, R, NoInfer<C>>) => void {
  if (service === '' || method === '') throw new PluginDefinitionError('@EspMethod needs a service and a method name');
  checkResponseSchema(`${service}.${method}`, options.response);
  checkDeadline(`${service}.${method}`, options.deadlineMs);
  const { channel, ...rest } = options;
  const definition: MethodDefinition = { service, method, ...rest, ...channelOf(channel) };
  return (target) => {
    injectable()(target);
    Object.defineProperty(target, DEFINITION, { value: definition });
  };
}

/** The longest time that a timer of Node.js can have. */
const MAX_MS = 0x7fffffff;

function checkDeadline(method: string, ms: number | undefined): void {
  if (ms === undefined || (Number.isInteger(ms) && ms >= 1 && ms <= MAX_MS)) return;
  throw new PluginDefinitionError(`@EspMethod ${method}: deadlineMs must be an integer from 1 to ${MAX_MS}, not ${ms}`);
}

/** The deadline that applies to a method, in ms. @param limitMs `limits.deadlineMs` */
export const deadlineOf = ({ deadlineMs }: Pick<MethodDefinition, 'deadlineMs'>, limitMs: number): number =>
  Math.min(deadlineMs ?? limitMs, limitMs);

function channelOf(channel: string | ChannelType | undefined): Pick<MethodDefinition, 'channel' | 'channelType'> {
  if (channel === undefined) return {};
  return typeof channel === 'string' ? { channel } : { channel: channel.type, channelType: channel };
}

/** Undefined if the class has no `@EspMethod`. */
export function methodDefinition(target: HandlerClass): MethodDefinition | undefined {
  return Object.getOwnPropertyDescriptor(target, DEFINITION)?.value;
}

/** `Service.Method`; undefined if the class has no `@EspMethod`. */
export function methodName(target: HandlerClass): string | undefined {
  const definition = methodDefinition(target);
  return definition === undefined ? undefined : `${definition.service}.${definition.method}`;
}
