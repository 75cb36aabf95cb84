import { dirname, relative, resolve } from 'node:path';
import { Argument, Command } from 'commander';
import type { JsonSchema } from './config-schema.js';
import { CommandError } from './errors.js';
import type { PlatformFileKind } from './file-schema.js';
import { readText, writeText } from './files.js';
import { configOption, platformOption } from './options.js';
import { configuredPlugins } from './plugins.js';

const HELP = `
With --out, the first line of each file references the schema, so that editors
complete and check it. Without files, that is config.yaml, or for platform the
platform.yaml. Plugins may be TypeScript. The rest of these two files may be
invalid.

Exit code: 0, or 1 if a plugin cannot be loaded or a file cannot be written.`;

const KINDS = ['config', 'platform', 'stubs', 'http-stubs', 'strategy'] as const;

export const schemaCommand = (): Command =>
  new Command('schema')
    .description(
      'Print the JSON Schema of a configuration, including the options and channels of its plugins, or of another kind of file.',
    )
    .addArgument(new Argument('[kind]', 'kind of file').choices(KINDS).default('config'))
    .argument('[files...]', 'with --out: the files of this kind that reference the schema')
    .addOption(configOption())
    .addOption(platformOption())
    .option('--out <file>', 'write the schema to this file, and reference it in the files')
    .addHelpText('after', HELP)
    .action(schema);

interface SchemaOptions {
  readonly config: string;
  readonly platform?: string;
  readonly out?: string;
}

async function schema(
  kind: 'config' | PlatformFileKind,
  files: readonly string[],
  options: SchemaOptions,
): Promise<void> {
  const { config, platform, out } = options;
  if (files.length > 0 && out === undefined) throw new CommandError('files need --out, the schema that they reference');
  const json = kind === 'config' ? await configSchema(config) : await fileSchema(kind, platform);
  const text = `${JSON.stringify(json, null, 2)}\n`;
  process.stdout.write(
    out === undefined ? text : written(files.length === 0 ? ownFiles(kind, options) : files, out, text),
  );
}

/** The files of a kind that the options name. */
function ownFiles(kind: 'config' | PlatformFileKind, { config, platform }: SchemaOptions): string[] {
  if (kind === 'config') return [config];
  return kind === 'platform' && platform !== undefined ? [platform] : [];
}

async function configSchema(config: string): Promise<JsonSchema> {
  const { loadYaml } = await import('../config/index.js');
  const { configJsonSchema, pluginUses } = await import('./config-schema.js');
  return configJsonSchema(await configuredPlugins(loadYaml(config, pluginUses)));
}

async function fileSchema(kind: PlatformFileKind, platform: string | undefined): Promise<JsonSchema> {
  const { fileJsonSchema } = await import('./file-schema.js');
  return fileJsonSchema(kind, platform);
}

/** Writes the schema, and references it in the files. @returns a line per file that was written */
function written(files: readonly string[], out: string, text: string): string {
  const same = files.find((file) => resolve(file) === resolve(out));
  if (same !== undefined) throw new CommandError(`--out would overwrite ${same}: name another file for the schema`);
  const texts = files.map((file) => ({ file, before: readText(file) }));
  writeText(out, text);
  const changed = texts.flatMap(({ file, before }) => {
    const path = relative(dirname(resolve(file)), resolve(out)).replaceAll('\\', '/');
    const after = withModeline(before, path.startsWith('.') ? path : `./${path}`);
    if (after === before) return [];
    writeText(file, after);
    return [`changed ${file}\n`];
  });
  return [`wrote ${out}\n`, ...changed].join('');
}

const BYTE_ORDER_MARK = '\ufeff';
const MODELINE = /^# yaml-language-server: .*\$schema=.*/;

/** A YAML text whose first line references its schema. */
function withModeline(text: string, schema: string): string {
  if (text.startsWith(BYTE_ORDER_MARK)) return BYTE_ORDER_MARK + withModeline(text.slice(1), schema);
  const line = `# yaml-language-server: $schema=${schema}`;
  return MODELINE.test(text) ? text.replace(MODELINE, () => line) : `${line}\n${text}`;
}
