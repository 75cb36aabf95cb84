import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { checkCommand } from './check.js';
import { CommandFailed } from './command-failed.js';
import { compareCommand } from './compare.js';
import { devCommand } from './dev.js';
import { doctorCommand } from './doctor.js';
import { journalCommand } from './journal.js';
import { loadCommand } from './load.js';
import { methodsCommand } from './methods.js';
import { mockCommand } from './mock.js';
import { newCommand } from './new.js';
import { packageRoot } from './package-root.js';
import { recordCommand } from './record.js';
import { schemaCommand } from './schema.js';
import { sendCommand } from './send.js';
import { serveCommand } from './serve.js';
import { strategyCommand } from './strategy.js';
import { stubsCommand } from './stubs.js';
import { wireCommand } from './wire.js';

const manifest = readFileSync(new URL('package.json', packageRoot), 'utf8');
const { version } = JSON.parse(manifest) as { version: string };

const program = new Command('esp-host')
  .description('Write, test and run Genesys External Services Protocol (ESP) services.')
  .version(version);

const commands = [
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
  newCommand(),
  methodsCommand(),
  schemaCommand(),
  checkCommand(),
  doctorCommand(),
  wireCommand(),
];
for (const command of commands) {
  program.addCommand(command);
}

/** A command and those below it throw what is wrong with their words, and say where help is. */
function settle(command: Command): void {
  command.exitOverride().showHelpAfterError('(--help tells what there is)');
  command.commands.forEach(settle);
}

function fail(error: unknown): void {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 1;
    return;
  }
  const { name, message, stack } = error as Error;
  process.stderr.write(`${name === 'CommandFailed' || name === 'ConfigError' ? message : (stack ?? error)}\n`);
  process.exitCode = error instanceof CommandFailed ? error.exitCode : 1;
}

/** Who reads the results may have seen enough before the end, as `head` has. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

/** What can't be told must not end what it tells of: its reader has gone, or the disk is full. */
process.stderr.on('error', () => undefined);

settle(program);
await program.parseAsync().catch(fail);
