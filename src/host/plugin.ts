import type { Got } from 'got';
import { type Container, inject as injectUnchecked, type ServiceIdentifier } from 'inversify';
import type { z } from 'zod';
import type { ChannelType } from '../config/index.js';
import type { State } from '../state/index.js';
import type { Logger } from '../telemetry/index.js';
import type { PluginCommand } from './command.js';
import { PluginDefinitionError } from './errors.js';
import type { HandlerClass } from './method.js';
import type { MockDefinition, PluginPanel } from './mock.js';
import type { WebhookClass } from './webhook.js';

/** A plugin, as the default export of its module. */
export interface PluginDefinition {
  readonly name: string;
  /** Classes with `@EspMethod`. */
  readonly methods: readonly HandlerClass[];
  /** Classes with `@Webhook`. A path can have one plugin. */
  readonly webhooks?: readonly WebhookClass[];
  /** Parses `options` of the plugin's entry in config.yaml. `@inject(optionsToken(schema))` injects the result. */
  readonly options?: z.ZodType;
  /** The channel types that the plugin brings. A type can have one plugin. */
  readonly channels?: readonly ChannelType[];
  /** Commands for the operator, which `esp-host` has with this configuration. A name can have one plugin. */
  readonly commands?: readonly PluginCommand[];
  /** Binds what the methods inject, in the plugin's own container. */
  bind?(container: Container): void;
  /** Runs before the first request. Plugins start in the order of config.yaml. An error stops the start of the host. */
  start?(container: Container): void | Promise<void>;
  /** Runs after the last request, in the reverse order. */
  stop?(container: Container): void | Promise<void>;
  /** Reports, for `esp-host doctor`, whether what the methods need is there. Runs after `start`, and changes nothing. */
  check?(container: Container): AsyncIterable<Finding>;
  /**
   * Imports the mock of its upstream, for the mock platform alone: `() => import('./mock/index.js')`. Its default export
   * is what `defineMock` gives.
   */
  // biome-ignore lint/suspicious/noExplicitAny: each mock has its own settings, in the type of its schema
  mock?(): Promise<{ readonly default: MockDefinition<any, any> }>;
  /** Imports its page of the console, for the mock platform alone: `() => import('./panel.js')`. */
  panel?(): Promise<{ readonly default: PluginPanel }>;
}

/** A result of `esp-host doctor` about one thing that a host needs. */
export interface Finding {
  /** What was examined, in the words of its reader: `listeners.esp.port`, `channel whatsapp`. */
  readonly about: string;
  /** `warning`: it works, but will stop working, or behaves unexpectedly. */
  readonly state: 'good' | 'warning' | 'trouble';
  readonly text: string;
  /** What to do about a warning or trouble. */
  readonly advice?: string;
}

const PLUGIN = Symbol.for('esp-host.plugin');

/**
 * Defines a plugin.
 *
 * @example
 * export default definePlugin({ name: 'billing', methods: [GetBalance] });
 * @throws PluginDefinitionError if the name is empty, or `methods` holds something other than classes
 */
export function definePlugin(definition: PluginDefinition): PluginDefinition {
  const { name, methods } = definition;
  if (typeof name !== 'string' || name === '') throw new PluginDefinitionError('definePlugin needs a name');
  if (!Array.isArray(methods) || !methods.every((method) => typeof method === 'function')) {
    throw new PluginDefinitionError(`definePlugin of ${name} needs methods: a list of classes with @EspMethod`);
  }
  return Object.assign({ [PLUGIN]: true }, definition);
}

export const isPlugin = (value: unknown): value is PluginDefinition =>
  typeof value === 'object' && value !== null && (value as { [PLUGIN]?: unknown })[PLUGIN] === true;

/** A class whose constructor the container calls. */
type Injected = abstract new (...injected: never[]) => unknown;

/** The class, if the parameter accepts the value of the token; otherwise a type that names that value. */
type Takes<C extends Injected, I extends number, T> = T extends ConstructorParameters<C>[I] ? C : { readonly gives: T };

/**
 * Injects what a token or class stands for into a parameter of a constructor. It compiles only if the parameter takes
 * that type.
 *
 * @example
 * constructor(@inject(Http) private readonly http: Got, @inject(Customers) private readonly customers: Customers) {}
 */
export function inject<T>(
  token: ServiceIdentifier<T>,
): <C extends Injected, I extends number>(target: Takes<C, I, T>, key: undefined, index: I) => void {
  return injectUnchecked(token);
}

const OPTIONS = Symbol.for('esp-host.options');

/**
 * The token of a plugin's options: `options` of its entry in config.yaml, as parsed by the schema.
 *
 * @param schema the one that `definePlugin` has as `options`. Another one is not bound, and stops the start
 * @example
 * const billingOptions = z.strictObject({ url: z.url() });
 * constructor(@inject(optionsToken(billingOptions)) private readonly options: z.output<typeof billingOptions>) {}
 */
export function optionsToken<S extends z.ZodType>(schema: S): ServiceIdentifier<z.output<S>> {
  // On the schema itself, so that each copy of this package finds the same token.
  const holder: S & { [OPTIONS]?: symbol } = schema;
  holder[OPTIONS] ??= Symbol('options of the plugin');
  return holder[OPTIONS];
}

/** got for calls that belong to no request, such as a shared login. A request's own calls use `call.http`. */
export const Http: ServiceIdentifier<Got> = Symbol.for('esp-host.Http');

/** A logger that names the plugin. A request's own lines use `call.logger`. */
export const PluginLogger: ServiceIdentifier<Logger> = Symbol.for('esp-host.PluginLogger');

/** The token of the plugin's records in the state file. Bound if config.yaml has `state`. */
export const PluginState: ServiceIdentifier<State> = Symbol.for('esp-host.PluginState');
