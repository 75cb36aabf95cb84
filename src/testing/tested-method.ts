import type { Container } from 'inversify';
import type { z } from 'zod';
import type { KeyValueList, PlainValues } from '../esp/index.js';
import { definePlugin, type HandlerClass, methodDefinition } from '../host/index.js';
import type { EspOutcome } from './outcome.js';
import { type CallOptions, type TestedPlugin, type TestOptions, testPlugin } from './tested-plugin.js';

/** The parameters that a method knows, each of which a client may leave out. */
export type Asked<P extends z.ZodType> =
  z.input<P> extends object ? Partial<z.input<P>> & { readonly _umsChannel?: string } : PlainValues;

export interface MethodOptions extends Omit<TestOptions, 'options'> {
  /** Binds what the method injects: its plugin's options, for instance, to `optionsToken(schema)`. */
  bind?(container: Container): void;
}

/** One method, as the host would run it: `const method = await testMethod(GetBalance)`. @throws PluginStartError, TypeError */
export async function testMethod<P extends z.ZodType>(
  method: HandlerClass<P>,
  { bind, ...options }: MethodOptions = {},
): Promise<TestedMethod<P>> {
  const definition = methodDefinition(method);
  if (definition === undefined) throw new TypeError(`class ${method.name} has no @EspMethod`);
  const channels = definition.channelType === undefined ? [] : [definition.channelType];
  const plugin = definePlugin({ name: 'test', methods: [method], channels, ...(bind === undefined ? {} : { bind }) });
  return new TestedMethod(`${definition.service}.${definition.method}`, await testPlugin(plugin, options));
}

export class TestedMethod<P extends z.ZodType> {
  constructor(
    readonly name: string,
    /** What it runs in: its clock, and everything that was logged. */
    readonly plugin: TestedPlugin,
  ) {}

  get clock(): TestedPlugin['clock'] {
    return this.plugin.clock;
  }

  /** Asks the method; a `KeyValueList` is for what its types do not allow. @throws UnexpectedCall */
  call(parameters: Asked<P> | KeyValueList, options?: CallOptions): Promise<EspOutcome> {
    return this.plugin.call(this.name, parameters as PlainValues | KeyValueList, options);
  }
}
