import type { Container } from 'inversify';
import type { z } from 'zod';
import type { ChannelType } from '../config/index.js';
import type { Finding } from './finding.js';
import type { HandlerClass } from './method.js';

/** A plugin, as the default export of its module. */
export interface PluginDefinition {
  readonly name: string;
  /** Classes with `@EspMethod`. */
  readonly methods: readonly HandlerClass[];
  /** Parses `options` of the plugin's entry in config.yaml. `@inject(optionsToken(schema))` injects the result. */
  readonly options?: z.ZodType;
  /** The channel types that the plugin brings. A type can have one plugin. */
  readonly channels?: readonly ChannelType[];
  /** Binds what the methods inject, in the plugin's own container. */
  bind?(container: Container): void;
  /** Runs before the first request. Plugins start in the order of config.yaml. An error stops the start of the host. */
  start?(container: Container): void | Promise<void>;
  /** Runs after the last request, in the reverse order. */
  stop?(container: Container): void | Promise<void>;
  /** Reports, for `esp-host doctor`, whether what the methods need is there. Runs after `start`, and changes nothing. */
  check?(container: Container): AsyncIterable<Finding>;
}

const PLUGIN = Symbol.for('esp-host.plugin');

/**
 * Defines a plugin.
 *
 * @example
 * export default definePlugin({ name: 'billing', methods: [GetBalance] });
 * @throws TypeError if the name is empty, or `methods` holds something other than classes
 */
export function definePlugin(definition: PluginDefinition): PluginDefinition {
  const { name, methods } = definition;
  if (typeof name !== 'string' || name === '') throw new TypeError('definePlugin needs a name');
  if (!Array.isArray(methods) || !methods.every((method) => typeof method === 'function')) {
    throw new TypeError(`definePlugin of ${name} needs methods: a list of classes with @EspMethod`);
  }
  return Object.assign({ [PLUGIN]: true }, definition);
}

export const isPlugin = (value: unknown): value is PluginDefinition =>
  typeof value === 'object' && value !== null && PLUGIN in value;
