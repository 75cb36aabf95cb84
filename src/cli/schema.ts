import { readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { Command } from 'commander';
import { writeText } from './files.js';
import { configOption } from './options.js';
import { configuredPlugins } from './plugins.js';

const HELP = `
With --out, the first line of the configuration references the schema, so that
editors complete and check it. Plugins may be TypeScript. The rest of the
configuration may be invalid.

Exit code: 0, or 1 if a plugin cannot be loaded or a file cannot be written.`;

export const schemaCommand = (): Command =>
  new Command('schema')
    .description('Print the JSON Schema of a configuration, including the options and channels of its plugins.')
    .addOption(configOption())
    .option('--out <file>', 'write the schema to this file, and reference it in the configuration')
    .addHelpText('after', HELP)
    .action(schema);

async function schema({ config, out }: { config: string; out?: string }): Promise<void> {
  const { loadYaml } = await import('../config/index.js');
  const { configJsonSchema, pluginUses } = await import('./config-schema.js');
  const json = configJsonSchema(await configuredPlugins(loadYaml(config, pluginUses)));
  const text = `${JSON.stringify(json, null, 2)}\n`;
  process.stdout.write(out === undefined ? text : written(config, out, text));
}

/** Writes the schema, and references it in the configuration. @returns a line per file */
function written(config: string, out: string, text: string): string {
  const path = relative(dirname(resolve(config)), resolve(out)).replaceAll('\\', '/');
  const before = readFileSync(config, 'utf8');
  const after = withModeline(before, path.startsWith('.') ? path : `./${path}`);
  writeText(out, text);
  if (after === before) return `wrote ${out}\n`;
  writeText(config, after);
  return `wrote ${out}\nchanged ${config}\n`;
}

const MODELINE = /^# yaml-language-server: .*\$schema=.*/;

/** A YAML text whose first line references its schema. */
function withModeline(text: string, schema: string): string {
  const line = `# yaml-language-server: $schema=${schema}`;
  return MODELINE.test(text) ? text.replace(MODELINE, () => line) : `${line}\n${text}`;
}
