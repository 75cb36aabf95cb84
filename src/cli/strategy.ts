import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { parseParameters } from '../client/parameters.js';
import { hasCode } from '../esp/index.js';
import { type Address, parseAddress } from './address.js';
import { CommandFailed } from './command-failed.js';
import { configOption, platformOption } from './config-file.js';
import { loadMock } from './load-mock.js';

type Mock = Awaited<ReturnType<typeof loadMock>>;

interface PlatformFiles {
  readonly config: string;
  readonly platform: string;
}

export function strategyCommand(): Command {
  const strategy = new Command('strategy').description('Run, test and sweep routing strategies (docs/strategies.md).');
  return strategy.addCommand(runCommand()).addCommand(testCommand()).addCommand(sweepCommand());
}

const runCommand = (): Command =>
  new Command('run')
    .description('Run a strategy once and print its path: what each step sent and what came.')
    .argument('<file>', 'the strategy')
    .addOption(setOption())
    .addOption(
      new Option('--to <host:port>', 'the Interaction Server, or an ESP server')
        .argParser(parseAddress)
        .default(parseAddress('127.0.0.1:7110'), '127.0.0.1:7110'),
    )
    .addOption(new Option('--start', 'start the mock platform on free ports, and run against that').conflicts('to'))
    .addOption(configOption())
    .addOption(platformOption())
    .option('--json', 'print the run as JSON')
    .addHelpText('after', '\nExit code: 0 routed, 2 where it ends nowhere, 1 where it could not run.')
    .action(run);

const testCommand = (): Command =>
  new Command('test')
    .description('Run the tests of strategies, each case against a mock platform of its own on free ports.')
    .argument('<path>', 'a strategy, or a folder of them')
    .option('--junit <file>', 'write the results as JUnit XML too')
    .addOption(configOption())
    .addOption(platformOption())
    .addHelpText('after', '\nExit code: 0 all as expected, 2 where a case is not, 1 where they could not run.')
    .action(test);

const sweepCommand = (): Command =>
  new Command('sweep')
    .description('Force each External Service step through every outcome, and print where the customer ends up.')
    .argument('<file>', 'the strategy')
    .addOption(setOption())
    .option('--paths <n>', 'paths to explore at most', paths, 10_000)
    .option('--json', 'print the sweep as JSON')
    .addHelpText(
      'after',
      '\nExit code: 0 every path is routed, 2 where one ends nowhere, 1 where not all could be tried.',
    )
    .action(sweep);

const setOption = (): Option =>
  new Option('--set <name=value>', "interaction data in place of the strategy's; as often as needed")
    .argParser((word: string, before: string[]) => [...before, word])
    .default([], 'none');

interface RunOptions extends PlatformFiles {
  readonly set: string[];
  readonly to: Address;
  readonly start?: true;
  readonly json?: true;
}

async function run(file: string, options: RunOptions): Promise<void> {
  const mock = await loadMock();
  const strategy = mock.loadStrategy(file);
  const set = values(options.set);
  const result = options.start
    ? await onPlatform(mock, options, ({ interactionServer }) => mock.runThrough(interactionServer, strategy, set))
    : await mock.runThrough(options.to, strategy, set).catch(notStarted);
  process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : mock.runText(result));
  if (result.end.kind === 'nowhere') process.exitCode = 2;
}

async function onPlatform<T>(
  mock: Mock,
  { config, platform }: PlatformFiles,
  work: (platform: Awaited<ReturnType<Mock['startPlatform']>>) => Promise<T>,
): Promise<T> {
  const { createLogger } = await import('../telemetry/index.js');
  const logger = createLogger({ level: 'warn', format: 'text' });
  const started = await mock.startOnFreePorts({ config, platform, logger }).catch(failed);
  try {
    return await work(started).catch(failed);
  } finally {
    await started.stop();
  }
}

/** Says how to get a server where none listens. */
function notStarted(error: Error): never {
  const hint = '; start the mock platform (npm start), let this command start one (--start), or name another with --to';
  const message = hasCode(error, 'ESP_CLIENT_CONNECT_FAILED') ? error.message + hint : error.message;
  throw new CommandFailed(message, 1, { cause: error });
}

const failed = (error: Error): never => {
  throw new CommandFailed(error.message, 1, { cause: error });
};

interface TestOptions extends PlatformFiles {
  readonly junit?: string;
}

async function test(path: string, options: TestOptions): Promise<void> {
  const mock = await loadMock();
  const strategies = mock.loadStrategies(path);
  if (strategies.every(({ tests }) => tests.length === 0)) throw new CommandFailed(`${path} has no tests`);
  const results = [];
  for (const strategy of strategies) {
    process.stdout.write(`${strategy.name} (${strategy.file})${strategy.tests.length === 0 ? ': no tests' : ''}\n`);
    const cases = [];
    for (const one of strategy.tests) {
      const result = await mock.runCase(strategy, one, options).catch(failed);
      process.stdout.write(mock.caseText(result));
      cases.push(result);
    }
    results.push({ strategy, cases });
  }
  process.stdout.write(mock.resultText(results));
  if (options.junit !== undefined) write(options.junit, mock.junit(results));
  if (results.some(({ cases }) => cases.some(({ differences }) => differences.length > 0))) process.exitCode = 2;
}

function write(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  } catch (error) {
    throw new CommandFailed(`cannot write ${file}: ${(error as Error).message}`);
  }
}

interface SweepOptions {
  readonly set: string[];
  readonly paths: number;
  readonly json?: true;
}

async function sweep(file: string, options: SweepOptions): Promise<void> {
  const mock = await loadMock();
  const strategy = mock.loadStrategy(file);
  const swept = await mock.sweepStrategy(strategy, { set: values(options.set), paths: options.paths }).catch(failed);
  process.stdout.write(options.json ? `${JSON.stringify(swept)}\n` : mock.sweepText(swept));
  if (swept.paths.some(({ end }) => end.kind === 'nowhere')) process.exitCode = 2;
  else if (swept.cut) throw new CommandFailed('not everything was tried; see --paths');
}

/** Interaction data as the command line gives it: texts and whole numbers. */
function values(words: readonly string[]): Record<string, string | number> {
  let entries: ReturnType<typeof parseParameters>['entries'];
  try {
    ({ entries } = parseParameters(words));
  } catch (error) {
    throw new CommandFailed((error as Error).message);
  }
  return Object.fromEntries(
    entries.map(({ key, value }) => {
      if (typeof value === 'object') throw new CommandFailed(`--set ${key}: interaction data is a text or a number`);
      return [key, value];
    }),
  );
}

function paths(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value <= 0) throw new InvalidArgumentError('a whole number above 0.');
  return value;
}
