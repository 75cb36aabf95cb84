import { Command } from 'commander';
import { CommandError, failCommand } from './errors.js';
import { configOption, platformOption } from './options.js';
import { printFailures, untilSignal } from './process.js';

/** Imports the mock platform. @throws CommandError if it is not deployed, as on a production server */
export const importMock = () =>
  import('#mock-platform').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    const advice = 'dist/mock-platform/ is missing: copy it from the build, next to dist/src/';
    throw new CommandError(`this command needs the mock platform, but ${advice}`, { cause: error });
  });

export type Mock = Awaited<ReturnType<typeof importMock>>;
export type Platform = Awaited<ReturnType<Mock['startPlatform']>>;
export type StubServer = Awaited<ReturnType<Mock['serveStubs']>>;
/** A step of a strategy that calls a method. */
export type CallingStep = ReturnType<Mock['callingSteps']>[number];
/** A request of a recording. */
export type RecordedRequest =
  ReturnType<Mock['recordedRequests']> extends AsyncGenerator<infer Request> ? Request : never;

/** The files that a platform is started from. */
export interface PlatformFiles {
  readonly config: string;
  /** Without it, the platform is made from config.yaml. */
  readonly platform?: string | undefined;
}

export const mockCommand = (): Command =>
  platformCommand('mock')
    .description('Run the mock platform with the host in it. Plugins may be TypeScript.')
    .option('--replay <file>', 'answer with a recording (see record) in place of the host')
    .action(mock);

async function mock(options: PlatformFiles & { replay?: string }): Promise<void> {
  printFailures(await import('../telemetry/index.js'));
  await runPlatform(options);
}

/** A command that runs a platform until it is stopped. */
export const platformCommand = (name: string): Command =>
  new Command(name)
    .addOption(configOption())
    .addOption(platformOption())
    .addHelpText(
      'after',
      '\nnpx and npm run pass no SIGTERM on: send it to this process, or start\nnode_modules/.bin/esp-host. Ctrl-C in a terminal reaches it.\n\n' +
        'Exit code: 0 after Ctrl-C or SIGTERM, 1 if the platform failed to start.',
    );

/** @param onStart called when the platform runs; returns a function to call before it stops */
export async function runPlatform(
  options: Parameters<Mock['startPlatform']>[0],
  onStart: (platform: Platform) => () => void = () => () => undefined,
): Promise<void> {
  const { startPlatform } = await importMock();
  const signal = untilSignal();
  const platform = await startPlatform(options).catch(failCommand);
  process.stdout.write(platform.welcome());
  const onStop = onStart(platform);
  await signal;
  onStop();
  await platform.stop();
  process.exit(0);
}
