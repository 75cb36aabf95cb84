import { Command, Option } from 'commander';
import { configOption } from './options.js';
import { configuredPlugins } from './plugins.js';

export function methodsCommand(): Command {
  return new Command('methods')
    .description('Print the methods of a configuration: a reference for strategists.')
    .addOption(configOption())
    .addOption(new Option('--markdown', 'print Markdown').conflicts('json'))
    .option('--json', 'print JSON')
    .addHelpText('after', '\nPlugins may be TypeScript. Exit code: 0, or 1 if the configuration is invalid.')
    .action(methods);
}

async function methods(options: { config: string; markdown?: true; json?: true }): Promise<void> {
  const { loadConfig } = await import('../config/index.js');
  const { referenceOf } = await import('./methods/reference.js');
  const loaded = loadConfig(options.config);
  const reference = referenceOf(loaded, await configuredPlugins(loaded));
  process.stdout.write(await printed(reference, options));
}

type Reference = ReturnType<typeof import('./methods/reference.js').referenceOf>;

async function printed(reference: Reference, { markdown, json }: { markdown?: true; json?: true }): Promise<string> {
  if (json) return `${JSON.stringify(reference, null, 2)}\n`;
  const print = await import('./methods/print.js');
  return markdown ? print.markdown(reference) : print.text(reference);
}
