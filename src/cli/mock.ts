import { Command } from 'commander';
import { CommandFailed } from './command-failed.js';
import { configOption, platformOption } from './config-file.js';
import { printFailures } from './failures.js';
import { loadMock } from './load-mock.js';
import { untilSignal } from './until-signal.js';

export function mockCommand(): Command {
  return platformCommand('mock')
    .description('Run the whole mock platform with the host in it; plugins may be TypeScript.')
    .option('--replay <file>', 'let a recording (of esp-host record) answer in place of the host')
    .action(mock);
}

async function mock(options: PlatformFiles & { replay?: string }): Promise<void> {
  printFailures(await import('../telemetry/index.js'));
  await runPlatform(options);
}

type StartPlatform = Awaited<ReturnType<typeof loadMock>>['startPlatform'];
type PlatformOptions = Parameters<StartPlatform>[0];
export type Platform = Awaited<ReturnType<StartPlatform>>;

/** Where a platform comes from. */
export interface PlatformFiles {
  readonly config: string;
  readonly platform: string;
}

/** A command that runs a platform until it is stopped. */
export const platformCommand = (name: string): Command =>
  new Command(name)
    .addOption(configOption())
    .addOption(platformOption())
    .addHelpText('after', '\nExit code: 0 after Ctrl-C or SIGTERM, 1 where it could not start.');

/** @param running is called as soon as the platform runs; what it returns, when it is to end */
export async function runPlatform(
  options: PlatformOptions,
  running: (platform: Platform) => () => void = () => () => undefined,
): Promise<void> {
  const { startPlatform } = await loadMock();
  const signal = untilSignal();
  const platform = await startPlatform(options).catch((error: Error) => {
    throw new CommandFailed(error.message, 1, { cause: error });
  });
  process.stdout.write(platform.welcome());
  const end = running(platform);
  await signal;
  end();
  await platform.stop();
  process.exit(0);
}
