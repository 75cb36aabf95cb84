import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { type Platform, type PlatformFiles, platformCommand, runPlatform } from './mock.js';
import { printFailures } from './process.js';
import { TypeCheck } from './type-check.js';

export const devCommand = (): Command =>
  platformCommand('dev')
    .description(
      'Run the mock platform as mock does, and reload plugins and configuration when their files change. ' +
        'Connections stay open.',
    )
    .action(dev);

/** How often to check whether the platform's own file has changed. */
const PLATFORM_FILE_MS = 1000;

const print = (text: string): void => void process.stderr.write(text);

async function dev(files: PlatformFiles): Promise<void> {
  const telemetry = await import('../telemetry/index.js');
  const { WatchedFiles } = await import('../server/index.js');
  await runPlatform({ ...files, follow: true }, (platform) => {
    const types = new TypeCheck(dirname(resolve(files.config)), print);
    printFailures(telemetry);
    platform.reloads?.subscribe((outcome) => {
      print(outcomeText(outcome));
      types.check(reloadedPlugins(outcome));
    });
    types.check(platform.plugins);
    const platformFile = new WatchedFiles();
    if (files.platform !== undefined) {
      platformFile.add([resolve(files.platform)]);
      platformFile.watch(PLATFORM_FILE_MS, () => print(`${files.platform} has changed: restart to apply it\n`));
    }
    return () => {
      types.stop();
      platformFile.close();
    };
  });
}

type Outcome = NonNullable<NonNullable<Platform['reloads']>['last']>;
type Reloaded = Extract<Outcome, { kind: 'applied' }>['plugins'][number];

/** The outcome of a reload: a line per plugin, or per problem. */
export function outcomeText(outcome: Outcome): string {
  if (outcome.kind === 'refused') {
    const lines = outcome.problems.map(
      ({ file, line, column, message }) => `  ${file}:${line}:${column}: ${message}\n`,
    );
    return `refused, the previous version keeps running:\n${lines.join('')}`;
  }
  const { plugins, configuration, durationMs } = outcome;
  const time = `in ${Math.round(durationMs)} ms`;
  const lines = plugins.map((plugin) => `reloaded ${plugin.use} ${time}: ${methodsText(plugin)}\n`);
  if (configuration) lines.push(`reloaded the configuration ${time}\n`);
  return lines.join('') || 'restored: the files match what runs\n';
}

/** The plugins with new code. */
export const reloadedPlugins = (outcome: Outcome): readonly string[] =>
  outcome.kind === 'applied' ? outcome.plugins.map(({ use }) => use) : [];

/** `Billing.GetBalance, new Billing.Pay, removed Billing.Refund`. */
function methodsText({ methods, added, removed }: Reloaded): string {
  const now = methods.map((method) => (added.includes(method) ? `new ${method}` : method));
  return [...now, ...removed.map((method) => `removed ${method}`)].join(', ') || 'no methods';
}
