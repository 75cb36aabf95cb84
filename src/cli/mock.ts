import { Command } from 'commander';
import { CommandFailed } from './command-failed.js';
import { configOption, platformOption } from './config-file.js';
import { untilSignal } from './until-signal.js';

export function mockCommand(): Command {
  return new Command('mock')
    .description('Run the whole mock platform with the host in it; plugins may be TypeScript.')
    .addOption(configOption())
    .addOption(platformOption())
    .option('--replay <file>', 'let a recording (of esp-host record) answer in place of the host')
    .addHelpText('after', '\nExit code: 0 after Ctrl-C or SIGTERM, 1 where it could not start.')
    .action(mock);
}

async function mock(options: { config: string; platform: string; replay?: string }): Promise<void> {
  const { startPlatform } = await import('esp-host/mock');
  const signal = untilSignal();
  const platform = await startPlatform(options).catch((error: Error) => {
    throw new CommandFailed(error.message, 1, { cause: error });
  });
  process.stdout.write(platform.welcome());
  await signal;
  await platform.stop();
  process.exit(0);
}
