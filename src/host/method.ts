import { injectable } from 'inversify';
import { z } from 'zod';
import type {
  ConnectionFailedError,
  EspFault,
  ExecutionFailedError,
  IncorrectParameterError,
  KeyValueList,
  PlainValues,
} from '../esp/index.js';
import type { EspCall } from './call.js';

/** The answer of a method that sets UserData too; without it, the parameters alone are enough. */
export class EspResponse<P extends PlainValues | KeyValueList = PlainValues | KeyValueList> {
  constructor(
    readonly parameters: P,
    readonly userData?: PlainValues | KeyValueList,
  ) {}
}

/** What a request is answered with in place of results: thrown or returned, which costs less where it happens often. */
type Refusal = EspFault | IncorrectParameterError | ConnectionFailedError | ExecutionFailedError;

type Result<P> = P | KeyValueList | EspResponse<(P & PlainValues) | KeyValueList> | Refusal;

/** One class a method. A handler that answers at once may do so without a promise: that is the quickest way. */
export interface EspMethodHandler<P extends z.ZodType = z.ZodType, R extends z.ZodType = z.ZodType> {
  handle(call: EspCall<P>): Result<z.input<R>> | Promise<Result<z.input<R>>>;
}

export interface EspMethodOptions<P extends z.ZodType, R extends z.ZodType> {
  /** What the method takes: types and checks its parameters, words its faults 904, documents it. */
  readonly parameters: P;
  /** What it answers with. */
  readonly response: R;
  /** For strategists: what the method does, in a sentence or two. */
  readonly description?: string;
  /** For strategists: what they are to know before they use it. */
  readonly warning?: string;
  /**
   * Whether a request that is repeated does no harm; true unless it says false. Of a method that sends something, for
   * instance, the fault at the deadline says that the outcome is unknown, and strategists are told not to ask again.
   */
  readonly idempotent?: boolean | undefined;
  /** The type of channel that the parameter `_umsChannel` names; the call then has it as `channel`. */
  readonly channel?: string;
}

/** What `@EspMethod` says of a class. */
export interface MethodDefinition extends EspMethodOptions<z.ZodType, z.ZodType> {
  readonly service: string;
  readonly method: string;
}

// biome-ignore lint/suspicious/noExplicitAny: a class of any constructor; the container gives what it injects
export type HandlerClass<P extends z.ZodType = any, R extends z.ZodType = any> = new (
  // biome-ignore lint/suspicious/noExplicitAny: the same
  ...injected: any[]
) => EspMethodHandler<P, R>;

const DEFINITION = Symbol.for('esp-host.method');

/** Makes a class the handler of Service.Method. */
export function EspMethod<P extends z.ZodType, R extends z.ZodType>(
  service: string,
  method: string,
  options: EspMethodOptions<P, R>,
): (target: HandlerClass<P, R>) => void {
  if (service === '' || method === '') throw new TypeError('@EspMethod needs a service and a method name');
  return (target) => {
    injectable()(target);
    Object.defineProperty(target, DEFINITION, { value: { service, method, ...options } satisfies MethodDefinition });
  };
}

/** Undefined where the class has no `@EspMethod`. */
export function methodDefinition(target: HandlerClass): MethodDefinition | undefined {
  return Object.hasOwn(target, DEFINITION)
    ? (target as unknown as Record<symbol, MethodDefinition>)[DEFINITION]
    : undefined;
}

/** `Service.Method`; undefined where the class has no `@EspMethod`. */
export function methodName(target: HandlerClass): string | undefined {
  const definition = methodDefinition(target);
  return definition === undefined ? undefined : `${definition.service}.${definition.method}`;
}
