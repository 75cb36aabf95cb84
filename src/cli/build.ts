import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { Command } from 'commander';
import { isOfHost, isTypeScript, pluginEntry } from '../plugin-loading/index.js';
import { CommandError } from './errors.js';
import { readText } from './files.js';
import { pluginsIn } from './new/config-file.js';
import { configOption } from './options.js';
import { compilerFor } from './type-check.js';

const HELP = `
Runs the project's TypeScript compiler on the tsconfig.json of each plugin. The
configuration need not be complete: only the names of the plugins are read.

Exit code: 0, or 1 if a plugin cannot be built.`;

export const buildCommand = (): Command =>
  new Command('build')
    .description('Build the TypeScript plugins of a configuration, for esp-host serve.')
    .addOption(configOption())
    .addHelpText('after', HELP)
    .action(build);

async function build({ config }: { readonly config: string }): Promise<void> {
  const directory = resolve(dirname(config));
  const uses = new Set(pluginsIn(config, readText(config)));
  if (uses.size === 0) process.stdout.write(`${config} has no plugins\n`);
  for (const use of uses) {
    try {
      process.stdout.write(await buildPlugin(use, directory));
    } catch (error) {
      process.stderr.write(`${(error as Error).message}\n`);
      process.exitCode = 1;
    }
  }
}

/** @returns what it did, in a line @throws CommandError, PluginNotFoundError */
async function buildPlugin(use: string, directory: string): Promise<string> {
  const entry = pluginEntry(use, directory, true);
  if (!isTypeScript(entry)) return `${use} is JavaScript already\n`;
  const path = resolve(directory, use);
  const folder = statSync(path, { throwIfNoEntry: false })?.isFile() ? dirname(path) : path;
  const shown = relative(process.cwd(), folder) || '.';
  if (isOfHost(folder)) throw new CommandError(`${shown} is part of esp-host: npm run build builds it`);
  if (folder !== path) {
    throw new CommandError(`${use} names a TypeScript file: name its folder, so that serve finds its dist/index.js`);
  }
  const tsconfig = join(folder, 'tsconfig.json');
  if (!existsSync(tsconfig))
    throw new CommandError(`${shown} has no tsconfig.json: npx esp-host new plugin writes one`);
  const compiler = compilerFor(tsconfig);
  if (compiler === undefined) throw new CommandError('TypeScript is not installed: npm install --save-dev typescript');
  const problems = await compile(compiler, tsconfig);
  if (problems !== '') throw new CommandError(`${problems.trimEnd()}\n${shown} has errors`);
  pluginEntry(use, directory, false);
  return `built ${shown}\n`;
}

/** @returns the errors that `tsc` prints */
function compile(compiler: string, tsconfig: string): Promise<string> {
  const child = spawn(process.execPath, [compiler, '-p', tsconfig, '--noEmitOnError', '--pretty', 'false'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part) => (text += part));
  return new Promise((done, failed) => {
    child.on('error', failed);
    child.on('close', (code) => done(code === 0 ? '' : text.trim() || `tsc ended with ${code}`));
  });
}
