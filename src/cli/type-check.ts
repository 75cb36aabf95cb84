import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setPriority } from 'node:os';
import { dirname, join } from 'node:path';
import { isTypeScript, pluginEntry, upwards } from '../plugin-loading/index.js';

/** Below the priority of the host. */
const NICE = 10;

/**
 * Checks the types of plugins in the background, and prints what `tsc` reports. Each reload starts a new run, because the
 * watch mode of TypeScript 7.0 misses changes on some machines.
 */
export class TypeCheck {
  readonly #running = new Map<string, ChildProcess>();
  /** The tsconfig.json files whose last check found errors. */
  readonly #wrong = new Set<string>();
  /** The lines that are printed only once. */
  readonly #said = new Set<string>();

  /** @param folder the folder that paths of plugins are relative to */
  constructor(
    private readonly folder: string,
    private readonly print: (text: string) => void,
  ) {
    process.once('exit', () => this.stop());
  }

  /** Checks these plugins, named as in config.yaml, with the nearest tsconfig.json of each. */
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
    if (found === undefined) this.#sayOnce(`types are not checked: no tsconfig.json in ${folder} or above`);
    return found;
  }

  #start(config: string): void {
    const tsc = compilerFor(config);
    if (tsc === undefined) {
      this.#sayOnce('types are not checked: TypeScript is not installed (npm install --save-dev typescript)');
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
    } else if (this.#wrong.delete(config)) this.print('types: no errors\n');
  }

  #sayOnce(line: string): void {
    if (this.#said.has(line)) return;
    this.#said.add(line);
    this.print(`${line}\n`);
  }
}

/** The folder of a TypeScript plugin; none if the plugin is JavaScript or was removed. */
function sourcesOf(use: string, directory: string): string[] {
  try {
    const entry = pluginEntry(use, directory, true);
    return isTypeScript(entry) ? [dirname(entry)] : [];
  } catch {
    return [];
  }
}

/** The `tsc` of the project of a tsconfig.json. */
export function compilerFor(config: string): string | undefined {
  try {
    const manifest = createRequire(config).resolve('typescript/package.json');
    const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: { tsc: string } };
    return join(dirname(manifest), bin.tsc);
  } catch {
    return undefined;
  }
}

/** The process may have ended already. */
function lower({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) setPriority(pid, NICE);
  } catch {
    // ended
  }
}
