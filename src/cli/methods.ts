import { Command, Option } from 'commander';
import { configOption } from './config-file.js';
import { configuredPlugins } from './configured-plugins.js';

export function methodsCommand(): Command {
  return new Command('methods')
    .description('Print the methods of a config: what strategists need to know of them.')
    .addOption(configOption())
    .addOption(new Option('--markdown', 'as a page').conflicts('json'))
    .option('--json', 'as JSON')
    .addHelpText('after', '\nPlugins may be TypeScript. Exit code: 0, or 1 for a config that is bad.')
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
  if (markdown) return (await import('./methods/markdown.js')).markdown(reference);
  return (await import('./methods/text.js')).text(reference);
}
