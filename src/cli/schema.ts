import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { Command } from 'commander';
import { CommandFailed } from './command-failed.js';
import { configOption } from './config-file.js';
import { configuredPlugins } from './configured-plugins.js';

const HELP = `
With --out, the first line of the config names the schema, so that editors
complete and check it. Plugins may be TypeScript; the rest of the config need
not be right.

Exit code: 0, or 1 where a plugin cannot be loaded or a file not be written.`;

export function schemaCommand(): Command {
  return new Command('schema')
    .description('Print the JSON Schema of a config, with the options and channels of its plugins.')
    .addOption(configOption())
    .option('--out <file>', 'write it there, and name it in the config')
    .addHelpText('after', HELP)
    .action(schema);
}

async function schema({ config, out }: { config: string; out?: string }): Promise<void> {
  const { loadYaml } = await import('../config/index.js');
  const { configJsonSchema, pluginUses } = await import('./schema/config-schema.js');
  const json = configJsonSchema(await configuredPlugins(loadYaml(config, pluginUses)));
  const text = `${JSON.stringify(json, null, 2)}\n`;
  if (out === undefined) process.stdout.write(text);
  else process.stdout.write(await written(config, out, text));
}

/** @returns what was written, a line a file */
async function written(config: string, out: string, text: string): Promise<string> {
  const { withModeline } = await import('./schema/modeline.js');
  const path = relative(dirname(resolve(config)), resolve(out)).replaceAll('\\', '/');
  const before = readFileSync(config, 'utf8');
  const after = withModeline(before, path.startsWith('.') ? path : `./${path}`);
  try {
    writeFileSync(out, text);
    if (after !== before) writeFileSync(config, after);
  } catch (error) {
    throw new CommandFailed(`cannot be written: ${(error as Error).message}`);
  }
  return `wrote ${out}\n${after === before ? '' : `changed ${config}\n`}`;
}
