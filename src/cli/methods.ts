import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { CommandError } from './errors.js';
import { importMock } from './mock.js';
import { configOption } from './options.js';
import { configuredPlugins } from './plugins.js';

const HELP = `
Plugins may be TypeScript. --diff reads what --json printed for an older version,
and tells what changed, and what of it breaks strategies.

Exit code: 0, or 1 if the configuration or another file is invalid; with --diff,
2 if a change breaks strategies.`;

export function methodsCommand(): Command {
  return new Command('methods')
    .description('Print the methods of a configuration: a reference for strategists, or what changed in it.')
    .addOption(configOption())
    .addOption(new Option('--markdown', 'print Markdown').conflicts(['json', 'diff']))
    .option('--json', 'print JSON')
    .option('--diff <file>', 'compare with an older version, printed by --json')
    .option('--strategies <path>', 'with --diff: name the steps in this strategy file or folder that a change concerns')
    .addHelpText('after', HELP)
    .action(methods);
}

interface MethodsOptions {
  readonly config: string;
  readonly markdown?: true;
  readonly json?: true;
  readonly diff?: string;
  readonly strategies?: string;
}

async function methods(options: MethodsOptions): Promise<void> {
  const { config, diff, strategies } = options;
  if (strategies !== undefined && diff === undefined) throw new CommandError('--strategies needs --diff');
  const older = diff === undefined ? undefined : await readReference(diff);
  const { loadConfig } = await import('../config/index.js');
  const { referenceOf } = await import('./methods/reference.js');
  const loaded = loadConfig(config);
  const reference = referenceOf(loaded, await configuredPlugins(loaded));
  if (older === undefined) process.stdout.write(await printed(reference, options));
  else await compare(older, reference, options);
}

type Reference = ReturnType<typeof import('./methods/reference.js').referenceOf>;

async function printed(reference: Reference, { markdown, json }: MethodsOptions): Promise<string> {
  if (json) return `${JSON.stringify(reference, null, 2)}\n`;
  const print = await import('./methods/print.js');
  return markdown ? print.markdown(reference) : print.text(reference);
}

/** Prints what changed. */
async function compare(older: Reference, newer: Reference, { strategies, json }: MethodsOptions): Promise<void> {
  const { changesBetween } = await import('./methods/changes.js');
  const all = changesBetween(older, newer);
  const changes = strategies === undefined ? all : await inStrategies(all, older, newer, strategies);
  const { changesText } = await import('./methods/print-changes.js');
  process.stdout.write(json ? `${JSON.stringify(changes, null, 2)}\n` : changesText(changes));
  if (changes.some(({ breaks }) => breaks)) process.exitCode = 2;
}

type Changes = ReturnType<typeof import('./methods/changes.js').changesBetween>;

async function inStrategies(changes: Changes, older: Reference, newer: Reference, path: string) {
  const { callingSteps } = await importMock();
  const { withHits } = await import('./methods/hits.js');
  return withHits(changes, older, newer, callingSteps(path));
}

/** Reads what `--json` printed. @throws CommandError */
async function readReference(file: string): Promise<Reference> {
  const { parseReference } = await import('./methods/older.js');
  try {
    return parseReference(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new CommandError(`${file} cannot be used for --diff: ${(error as Error).message}`, { cause: error });
  }
}
