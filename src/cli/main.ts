import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { checkCommand } from './check.js';
import { CommandFailed } from './command-failed.js';
import { mockCommand } from './mock.js';
import { recordCommand } from './record.js';
import { sendCommand } from './send.js';
import { serveCommand } from './serve.js';
import { wireCommand } from './wire.js';

const manifest = new URL('../../../package.json', import.meta.url);
const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };

const program = new Command('esp-host')
  .description('Write, test and run Genesys External Services Protocol (ESP) services.')
  .version(version)
  .showHelpAfterError('(--help tells what there is)')
  .showSuggestionAfterError()
  .configureHelp({ showGlobalOptions: true });

for (const command of [serveCommand(), mockCommand(), sendCommand(), recordCommand(), checkCommand(), wireCommand()]) {
  program.addCommand(command.exitOverride());
}
program.exitOverride();

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 1;
  } else {
    const known = error instanceof CommandFailed || (error as Error).name === 'ConfigError';
    process.stderr.write(`${known ? (error as Error).message : ((error as Error).stack ?? String(error))}\n`);
    process.exitCode = error instanceof CommandFailed ? error.exitCode : 1;
  }
}
