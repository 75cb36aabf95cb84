import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { hasCode } from '../esp/index.js';
import { buildCommand } from './build.js';
import { checkCommand } from './check.js';
import { compareCommand } from './compare.js';
import { conformCommand } from './conform.js';
import { devCommand } from './dev.js';
import { docsCommand } from './docs.js';
import { doctorCommand } from './doctor.js';
import { packageRoot } from './files.js';
import { initCommand } from './init.js';
import { journalCommand } from './journal.js';
import { loadCommand } from './load.js';
import { methodsCommand } from './methods.js';
import { mockCommand } from './mock.js';
import { newCommand } from './new.js';
import { warnOfFormerPlatform } from './options.js';
import { addPluginCommands, commandsCommand } from './plugin-commands.js';
import { recordCommand } from './record.js';
import { schemaCommand } from './schema.js';
import { sendCommand } from './send.js';
import { serveCommand } from './serve.js';
import { strategyCommand } from './strategy.js';
import { stubsCommand } from './stubs.js';
import { wireCommand } from './wire.js';

const manifest = readFileSync(new URL('package.json', packageRoot), 'utf8');
const { version } = JSON.parse(manifest) as { version: string };

const commands = (): Command[] => [
  serveCommand(),
  mockCommand(),
  devCommand(),
  sendCommand(),
  loadCommand(),
  strategyCommand(),
  journalCommand(),
  recordCommand(),
  stubsCommand(),
  compareCommand(),
  initCommand(),
  newCommand(),
  buildCommand(),
  methodsCommand(),
  commandsCommand(),
  schemaCommand(),
  checkCommand(),
  doctorCommand(),
  conformCommand(),
  docsCommand(),
  wireCommand(),
];

/** Makes a command and its subcommands throw usage errors, and point to their help. */
function configure(command: Command): void {
  command.exitOverride().showHelpAfterError('(add --help for usage)');
  command.commands.forEach(configure);
}

/** Runs a command line. Prints why it failed, and sets the exit code. */
export async function runProgram(words: readonly string[]): Promise<void> {
  const program = new Command('esp-host')
    .description('Write, test and run Genesys External Services Protocol (ESP) services.')
    .version(version)
    .addHelpText('after', '\nPlugins may add commands: esp-host commands lists them.');
  for (const command of commands()) program.addCommand(command);
  program.hook('preAction', (_program, command) => warnOfFormerPlatform(command));
  try {
    await addPluginCommands(program, words);
    configure(program);
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    fail(error);
  }
}

function fail(error: unknown): void {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 1;
    return;
  }
  const { message, stack } = error as Error;
  const isExpected = hasCode(error, 'ESP_CLI_COMMAND_FAILED', 'ESP_CONFIG_INVALID');
  process.stderr.write(`${isExpected ? message : (stack ?? error)}\n`);
  process.exitCode = 1;
}
