import type { Container } from 'inversify';
import { z } from 'zod';
import type { Finding } from './finding.js';
import type { HandlerClass } from './method.js';

/** A plugin as its module's default export gives it. */
export interface PluginDefinition {
  readonly name: string;
  /** Classes with `@EspMethod`. */
  readonly methods: readonly HandlerClass[];
  /** What `options` of its entry in config.yaml may hold; handlers get them by `@inject(PluginOptions)`. */
  readonly options?: z.ZodType;
  /** The channel types that it brings: what a channel of that type may hold beside `type` and `phoneNumber`. */
  readonly channels?: Readonly<Record<string, z.ZodType>>;
  /** Binds what its methods inject, in the plugin's own container. */
  bind?(container: Container): void;
  /** Before the first request; plugins start in the order of config.yaml, and what throws stops the start. */
  start?(container: Container): void | Promise<void>;
  /** After the last request, in the reverse order. */
  stop?(container: Container): void | Promise<void>;
  /** For `esp-host doctor`, after the start: whether what the methods need is there. It changes nothing. */
  check?(container: Container): AsyncIterable<Finding>;
}

const PLUGIN = Symbol.for('esp-host.plugin');

/** @throws TypeError where a plugin that no compiler has seen lacks its name, or names as a method what is no class */
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
