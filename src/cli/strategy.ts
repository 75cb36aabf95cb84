import { Command, Option } from 'commander';
import { hasCode } from '../esp/index.js';
import { CommandError, failCommand } from './errors.js';
import { writeText } from './files.js';
import { importMock, type Mock, type Platform, type PlatformFiles } from './mock.js';
import {
  type Address,
  addressOption,
  configOption,
  optionalConfigOption,
  platformOption,
  repeatable,
  wholeNumber,
} from './options.js';
import { parametersOf } from './target.js';

export function strategyCommand(): Command {
  const strategy = new Command('strategy').description('Run, test and sweep routing strategies (docs/strategies.md).');
  return strategy.addCommand(runCommand()).addCommand(testCommand()).addCommand(sweepCommand());
}

const runCommand = (): Command =>
  new Command('run')
    .description('Run a strategy once and print its path: the request and the result of each step.')
    .argument('<file>', 'strategy file')
    .addOption(setOption())
    .addOption(addressOption('--to <host:port>', 'Interaction Server or ESP server', '127.0.0.1:7110'))
    .addOption(new Option('--start', 'start a mock platform on free ports, and send to it').conflicts('to'))
    .addOption(configOption())
    .addOption(platformOption())
    .option('--json', 'print the run as JSON')
    .addHelpText('after', '\nExit code: 0 if the customer is routed, 2 if not, 1 if the strategy could not run.')
    .action(run);

const testCommand = (): Command =>
  new Command('test')
    .description('Run the tests of strategies. Each case gets its own mock platform on free ports.')
    .argument('<path>', 'strategy file, or folder')
    .option('--junit <file>', 'also write the results as JUnit XML')
    .option('--json', 'print the results as JSON')
    .addOption(configOption())
    .addOption(platformOption())
    .addHelpText('after', '\nExit code: 0 if all cases pass, 2 if any fails, 1 if they could not run.')
    .action(test);

const sweepCommand = (): Command =>
  new Command('sweep')
    .description('Try every outcome of each External Service step, and print where the customer ends up.')
    .argument('<file>', 'strategy file')
    .addOption(setOption())
    .option('--paths <n>', 'maximum number of paths', wholeNumber(), 10_000)
    .addOption(optionalConfigOption('configuration file: its plugins name the usual responses of their methods'))
    .addOption(platformOption())
    .option('--json', 'print the sweep as JSON')
    .addHelpText('after', '\nExit code: 0 if every path is routed, 2 if any is not, 1 if not all could be tried.')
    .action(sweep);

const setOption = (): Option => repeatable('--set <name=value>', 'override interaction data (repeatable)');

interface RunOptions extends PlatformFiles {
  readonly set: string[];
  readonly to: Address;
  readonly start?: true;
  readonly json?: true;
}

async function run(file: string, options: RunOptions): Promise<void> {
  const mock = await importMock();
  const strategy = mock.loadStrategy(file);
  const set = values(options.set);
  const result = options.start
    ? await onPlatform(mock, options, (platform) => platform.strategy(file, set))
    : await mock.runThrough(options.to, strategy, set).catch(notStarted);
  process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : mock.runText(result));
  if (result.end.kind === 'nowhere') process.exitCode = 2;
}

async function onPlatform<T>(
  mock: Mock,
  { config, platform }: PlatformFiles,
  work: (platform: Platform) => Promise<T>,
): Promise<T> {
  const { createLogger } = await import('../telemetry/index.js');
  const logger = createLogger({ level: 'warn', format: 'text' });
  const started = await mock.startOnFreePorts({ config, platform, logger }).catch(failCommand);
  try {
    return await work(started).catch(failCommand);
  } finally {
    await started.stop();
  }
}

/** Adds how to start a server if there is none. */
function notStarted(error: Error): never {
  const hint = '; start the mock platform (npm start), or use --start or --to';
  const message = hasCode(error, 'ESP_CLIENT_CONNECT_FAILED') ? error.message + hint : error.message;
  throw new CommandError(message, { cause: error });
}

interface TestOptions extends PlatformFiles {
  readonly junit?: string;
  readonly json?: true;
}

async function test(path: string, options: TestOptions): Promise<void> {
  const mock = await importMock();
  const strategies = mock.loadStrategies(path);
  if (strategies.every(({ tests }) => tests.length === 0)) throw new CommandError(`${path} has no tests`);
  const results = [];
  const print = (text: string): void => void (options.json || process.stdout.write(text));
  for (const strategy of strategies) {
    print(`${strategy.name} (${strategy.file})${strategy.tests.length === 0 ? ': no tests' : ''}\n`);
    const cases = [];
    for (const one of strategy.tests) {
      const result = await mock.runCase(strategy, one, options).catch(failCommand);
      print(mock.caseText(result));
      cases.push(result);
    }
    results.push({ strategy, cases });
  }
  print(mock.resultText(results));
  if (options.json) process.stdout.write(`${JSON.stringify(results.map(strategyJson), null, 2)}\n`);
  if (options.junit !== undefined) writeText(options.junit, mock.junit(results), { createFolder: true });
  if (results.some(({ cases }) => cases.some(({ differences }) => differences.length > 0))) process.exitCode = 2;
}

interface StrategyResult {
  readonly strategy: { readonly name: string; readonly file: string };
  readonly cases: readonly { readonly differences: readonly unknown[] }[];
}

/** What `test --json` prints for a strategy. */
const strategyJson = ({ strategy: { name, file }, cases }: StrategyResult) => ({
  ...{ name, file },
  cases: cases.map((one) => ({ passed: one.differences.length === 0, ...one })),
});

interface SweepOptions {
  readonly set: string[];
  readonly paths: number;
  readonly config?: string;
  readonly platform?: string;
  readonly json?: true;
}

async function sweep(file: string, options: SweepOptions): Promise<void> {
  const mock = await importMock();
  const strategy = mock.loadStrategy(file);
  const { config, platform, paths } = options;
  const swept = await mock
    .sweepWithSamples(strategy, { config, platform, paths, set: values(options.set) })
    .catch(failCommand);
  process.stdout.write(options.json ? `${JSON.stringify(swept)}\n` : mock.sweepText(swept));
  if (swept.paths.some(({ end }) => end.kind === 'nowhere')) process.exitCode = 2;
  else if (swept.cut) throw new CommandError('not all paths were tried: increase --paths');
}

/** The interaction data that `--set` gives: strings and integers. */
const values = (words: readonly string[]): Record<string, string | number> =>
  Object.fromEntries(
    parametersOf(words).entries.map(({ key, value }) => {
      if (typeof value === 'object') throw new CommandError(`--set ${key}: expected a string or an integer`);
      return [key, value];
    }),
  );
