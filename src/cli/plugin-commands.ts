import { Command } from 'commander';
import { hasCode } from '../esp/index.js';
import type { LoadedPlugin, PluginCommand } from '../host/index.js';
import type { Prepared } from '../server/index.js';
import { CommandError, failCommand } from './errors.js';
import { configOption } from './options.js';
import { untilSignal } from './process.js';

// Plugins and schemas are loaded only if the command line names no built-in command, which keeps the start of the others fast.

interface Owned {
  readonly plugin: LoadedPlugin;
  readonly command: PluginCommand;
}

export const commandsCommand = (): Command =>
  new Command('commands')
    .description('List the commands that the plugins of a configuration add.')
    .addOption(configOption())
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExit code: 0, or 1 if the configuration is invalid.')
    .action(list);

async function list({ config, json }: { config: string; json?: true }, command: Command): Promise<void> {
  const builtIn = namesOf(command.parent);
  const rows = ownedBy(await preparedFrom(config), builtIn).map(({ plugin, command: { name, summary } }) => ({
    name,
    summary,
    plugin: plugin.definition.name,
  }));
  const width = Math.max(0, ...rows.map(({ name }) => name.length));
  const text = rows.map(({ name, summary }) => `${name.padEnd(width)}  ${summary}\n`).join('');
  process.stdout.write(json ? `${JSON.stringify(rows, null, 2)}\n` : text || 'the plugins add no commands\n');
}

/**
 * Adds the commands of the configured plugins if the words name none that `program` has. If the configuration cannot be
 * used, stderr says why, and the command stays unknown.
 */
export async function addPluginCommands(program: Command, words: readonly string[]): Promise<void> {
  const [name, next] = words;
  const wanted = name === 'help' ? next : name;
  if (wanted === undefined || wanted.startsWith('-') || namesOf(program).includes(wanted)) return;
  try {
    const prepared = await preparedFrom(configOf(words));
    for (const owned of ownedBy(prepared, namesOf(program))) await addTo(program, owned, prepared);
  } catch (error) {
    if (!hasCode(error, 'ESP_CONFIG_INVALID', 'ESP_CLI_COMMAND_FAILED')) throw error;
    process.stderr.write(`the commands of plugins are unknown: ${(error as Error).message}\n`);
  }
}

const namesOf = (program: Command | null): string[] => ['help', ...(program?.commands ?? []).map((one) => one.name())];

/** The value of `--config`, before any command is known. */
function configOf(words: readonly string[]): string {
  const at = words.findIndex((word) => word === '--config' || word.startsWith('--config='));
  const word = words[at];
  const given = word === '--config' ? words[at + 1] : word?.slice('--config='.length);
  return given ?? 'config.yaml';
}

/** Built plugins are preferred, as on the machine of an operator. @throws ConfigError */
async function preparedFrom(config: string): Promise<Prepared> {
  const { loadConfig, prepare } = await import('../server/index.js');
  const loaded = loadConfig(config);
  try {
    return await prepare(loaded, { typescript: false });
  } catch (error) {
    if (!isNotBuilt(error)) throw error;
    return prepare(loaded, { typescript: true });
  }
}

/** Whether the error, or one of several, is about a plugin without a build. */
function isNotBuilt(error: unknown): boolean {
  const { cause } = error as Error;
  return cause instanceof AggregateError ? cause.errors.some(isNotBuilt) : hasCode(cause, 'ESP_PLUGIN_NOT_BUILT');
}

/** @throws CommandError if a built-in command has the name of one, or one is a group of others */
function ownedBy({ plugins }: Prepared, builtIn: readonly string[]): Owned[] {
  const all = plugins.flatMap((plugin) => (plugin.definition.commands ?? []).map((command) => ({ plugin, command })));
  for (const { plugin, command } of all) {
    const [group = ''] = command.name.split(' ');
    const by = `command '${command.name}' of plugin ${plugin.definition.name}`;
    if (builtIn.includes(group)) throw new CommandError(`${by} is not possible: esp-host has a command '${group}'`);
    if (group !== command.name && all.some((other) => other.command.name === group))
      throw new CommandError(`${by} is not possible: '${group}' is a command, and cannot have others below it`);
  }
  return all;
}

async function addTo(program: Command, { plugin, command }: Owned, prepared: Prepared): Promise<void> {
  const { withInput } = await import('./plugin-commands/input.js');
  const words = command.name.split(' ');
  const [first = '', second] = words;
  const made = withInput(new Command(second ?? first).description(command.summary), command)
    .addOption(configOption())
    .option('--json', 'print JSON')
    .addHelpText('after', `\nA command of plugin ${plugin.definition.name}. Exit code: 0, or 1 if it failed.`)
    .action((...given: unknown[]) => run({ plugin, command }, prepared, given.at(-1) as Command));
  if (second === undefined) {
    program.addCommand(made);
    return;
  }
  let group = program.commands.find((one) => one.name() === first);
  if (group === undefined) {
    group = new Command(first).description(`Commands of plugin ${plugin.definition.name}.`);
    program.addCommand(group);
  }
  group.addCommand(made);
}

async function run({ plugin, command }: Owned, prepared: Prepared, parsed: Command): Promise<void> {
  const { inputOf } = await import('./plugin-commands/input.js');
  const input = inputOf(parsed, command);
  const result = await resultOf({ plugin, command }, prepared, input);
  const json: boolean | undefined = parsed.opts().json;
  process.stdout.write(json ? `${JSON.stringify(result ?? null, null, 2)}\n` : printable(command.text(result)));
}

async function resultOf({ plugin, command }: Owned, prepared: Prepared, input: Record<string, unknown>) {
  const stop = new AbortController();
  void untilSignal().then(() => stop.abort());
  const [{ Host }, { openState }, { createLogger, errorText, Metrics, maskSecrets }] = await Promise.all([
    import('../host/index.js'),
    import('../state/index.js'),
    import('../telemetry/index.js'),
  ]);
  const { state: kept, logging, limits } = prepared.loaded.config;
  const quiet = { logger: createLogger({ ...logging, level: 'error' }), metrics: new Metrics(), isCommand: true };
  const state = kept === undefined ? undefined : await openState(kept, quiet).catch(failCommand);
  const { application, channels, plugins } = prepared;
  const host = new Host({ application, channels, plugins, limits, logger: createLogger(logging), state });
  try {
    const { phoneNumbers } = logging;
    return await host.run({ plugin, command, input, signal: stop.signal, phoneNumbers });
  } catch (error) {
    if (hasCode(error, 'ESP_HOST_COMMAND_FAILED')) return failCommand(error);
    throw new CommandError(`${command.name} failed: ${maskSecrets(errorText(error))}`, { cause: error });
  } finally {
    await state?.close();
    await host.stop();
  }
}

/** Texts that came from outside must not control the terminal. */
const printable = (text: string): string => text.replaceAll(/[^\P{Cc}\n\t]/gu, '\ufffd');
