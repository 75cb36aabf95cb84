import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setPriority } from 'node:os';
import { dirname, join } from 'node:path';
import { isTypeScript, pluginEntry, upwards } from '../../plugin-loading/index.js';

/** Lower than what answers: a check is never in the way. */
const NICE = 10;

/**
 * Checks the types of plugins, beside what runs, and prints what `tsc` finds. Each check is a run of its own, after the
 * swap: the watch mode of TypeScript 7.0 does not see changes on every machine, and would not know of the swap.
 */
export class TypeCheck {
  readonly #running = new Map<string, ChildProcess>();
  /** The tsconfig.json files that the last check of found something. */
  readonly #wrong = new Set<string>();
  /** What was said once. */
  readonly #said = new Set<string>();

  /** @param folder where the paths of plugins begin */
  constructor(
    private readonly folder: string,
    private readonly print: (text: string) => void,
  ) {
    process.once('exit', () => this.stop());
  }

  /** Checks these plugins, as config.yaml names them, by the tsconfig.json that is nearest to each. */
  check(plugins: readonly string[]): void {
    const folders = plugins.flatMap((use) => sourcesOf(use, this.folder));
    for (const config of new Set(folders.map((folder) => this.#configOf(folder)))) {
      if (config !== undefined) this.#start(config);
    }
  }

  stop(): void {
    for (const child of this.#running.values()) child.kill();
    this.#running.clear();
  }

  #configOf(folder: string): string | undefined {
    const found = upwards(folder)
      .map((above) => join(above, 'tsconfig.json'))
      .find(existsSync);
    if (found === undefined) this.#sayOnce(`types are not checked: there is no tsconfig.json in ${folder} or above`);
    return found;
  }

  #start(config: string): void {
    const tsc = compilerFor(config);
    if (tsc === undefined) {
      this.#sayOnce('types are not checked: there is no TypeScript here (npm install --save-dev typescript)');
      return;
    }
    this.#running.get(config)?.kill();
    const child = spawn(process.execPath, [tsc, '-p', config, '--noEmit', '--pretty', 'false'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#running.set(config, child);
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part) => (text += part));
    child.on('error', (error) => this.#sayOnce(`types are not checked: ${error.message}`));
    child.on('spawn', () => lower(child));
    child.on('close', (code) => {
      if (this.#running.get(config) !== child) return;
      this.#running.delete(config);
      if (code !== null) this.#found(config, code === 0 ? '' : text);
    });
  }

  #found(config: string, text: string): void {
    if (text !== '') {
      this.print(
        `types:\n${text
          .replaceAll(/^(\S.*)\((\d+),(\d+)\): /gm, '$1:$2:$3: ')
          .replaceAll(/^/gm, '  ')
          .trimEnd()}\n`,
      );
      this.#wrong.add(config);
    } else if (this.#wrong.delete(config)) this.print('types: good again\n');
  }

  #sayOnce(line: string): void {
    if (this.#said.has(line)) return;
    this.#said.add(line);
    this.print(`${line}\n`);
  }
}

/** The folder of a plugin's entry, where that is TypeScript; one that has been removed has none. */
function sourcesOf(use: string, directory: string): string[] {
  try {
    const entry = pluginEntry(use, directory, true);
    return isTypeScript(entry) ? [dirname(entry)] : [];
  } catch {
    return [];
  }
}

/** The `tsc` of the project that a tsconfig.json is in. */
function compilerFor(config: string): string | undefined {
  try {
    const manifest = createRequire(config).resolve('typescript/package.json');
    const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: { tsc: string } };
    return join(dirname(manifest), bin.tsc);
  } catch {
    return undefined;
  }
}

/** It may have ended already. */
function lower({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) setPriority(pid, NICE);
  } catch {
    // then it needs none
  }
}
