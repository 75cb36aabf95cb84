import type { Container } from 'inversify';
import type { z } from 'zod';
import type { State } from '../state/index.js';
import { PluginDefinitionError } from './errors.js';

/**
 * What a command works with.
 *
 * @typeParam S the schema of its input
 */
export interface CommandCall<S extends z.ZodObject = z.ZodObject> {
  /** The options and arguments, as parsed by the schema. */
  readonly input: z.output<S>;
  /** The records of the plugin, which a running host may use too. @throws CommandFailedError if config.yaml has no `state` */
  readonly state: State;
  /** The plugin's container, after `bind`. Its `start` has not run. */
  readonly container: Container;
  /** Fires when the operator presses Ctrl-C. */
  readonly signal: AbortSignal;
  /** Masks the phone numbers in a text, unless `logging.phoneNumbers` shows them. */
  maskPhoneNumbers(text: string): string;
}

/** What `defineCommand` takes. */
export interface CommandDefinition<S extends z.ZodObject, R> {
  /** One or two words, such as `orders list`. */
  readonly name: string;
  /** A sentence, for `--help`. */
  readonly summary: string;
  /**
   * Its options, by name: `orderId` is `--order-id <text>`. Strings, numbers, enums, booleans (an option without a value)
   * and arrays (an option that may be repeated), with zod's `describe`, `default` and `optional`.
   */
  readonly input: S;
  /** The keys of the input that are arguments instead of options, in their order. @default none */
  readonly arguments?: readonly (keyof z.output<S> & string)[];
  /**
   * Does the work. Its result is what `--json` prints.
   * @throws CommandFailedError to tell the operator why it failed
   */
  run(call: CommandCall<S>): R | Promise<R>;
  /** The result as the operator reads it, in up to 80 columns. */
  text(result: Awaited<R>): string;
}

/** A command of a plugin for the operator of a host. Made by {@link defineCommand}. */
export interface PluginCommand {
  readonly name: string;
  readonly summary: string;
  readonly input: z.ZodObject;
  /** The keys of the input that are arguments, in their order. */
  readonly arguments: readonly string[];
  run(call: CommandCall): unknown;
  text(result: unknown): string;
}

const NAME = /^[a-z][a-z\d-]*( [a-z][a-z\d-]*)?$/;

/** Options that every command has. */
const RESERVED = ['config', 'json', 'help'];

/**
 * Defines a command: `esp-host NAME` runs it with the state and the container of the plugin, without starting the plugin.
 *
 * @example
 * export const listOrders = defineCommand({
 *   name: 'orders list',
 *   summary: 'List the orders of a customer.',
 *   input: z.strictObject({ customer: z.string().describe('name of the customer') }),
 *   arguments: ['customer'],
 *   run: ({ input, state }) => state.find<Order>(`customer:${input.customer}`),
 *   text: (orders) => textTable(['id', 'state'], orders.map(({ id, value }) => [id, value.state])),
 * });
 * @throws PluginDefinitionError if the name or an option is invalid
 */
export function defineCommand<S extends z.ZodObject, R>(definition: CommandDefinition<S, R>): PluginCommand {
  const { name, summary, input, arguments: positional = [] } = definition;
  const problem = (why: string) => new PluginDefinitionError(`defineCommand of '${name}' ${why}`);
  if (!NAME.test(name)) throw problem('needs a name of one or two words in lower case, such as orders list');
  for (const key of Object.keys(input.shape)) {
    if (!/^[a-z][a-zA-Z\d]*$/.test(key)) throw problem(`has option '${key}': it must be in camel case`);
    if (RESERVED.includes(key)) throw problem(`has option '${key}', which every command has`);
  }
  for (const key of positional) if (!Object.hasOwn(input.shape, key)) throw problem(`has no '${key}' in its input`);
  return {
    name,
    summary,
    input,
    arguments: positional,
    // The host passes only input that the schema has parsed, and only the result of `run`.
    run: (call) => definition.run(call as CommandCall<S>),
    text: (result) => definition.text(result as Awaited<R>),
  };
}

/** Columns of text, as wide as their longest cell. An empty table is its head alone. */
export function textTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...lines.map((cells) => [...(cells[column] ?? '')].length)));
  return lines.map((cells) => `${row(cells, widths).trimEnd()}\n`).join('');
}

const row = (cells: readonly string[], widths: readonly number[]): string =>
  widths
    .map((width, column) => {
      const cell = cells[column] ?? '';
      return cell + ' '.repeat(width - [...cell].length);
    })
    .join('  ');
