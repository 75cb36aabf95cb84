import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { CommandFailed } from '../command-failed.js';

/** Files that are to be written, all of them or none. */
export class Changes {
  readonly #files = new Map<string, { readonly text: string; readonly verb: string }>();

  /** @throws CommandFailed where the file is there already */
  mustBeNew(path: string): void {
    if (existsSync(path)) throw new CommandFailed(`${shown(path)} is there already, and is left as it is`);
  }

  /** @throws CommandFailed where the file is there already */
  create(path: string, text: string): void {
    this.mustBeNew(path);
    this.#files.set(path, { text, verb: 'wrote' });
  }

  createWhereMissing(path: string, text: string): void {
    if (!existsSync(path)) this.create(path, text);
  }

  edit(path: string, text: string): void {
    const verb = this.#files.get(path)?.verb ?? 'changed';
    this.#files.set(path, { text, verb });
  }

  /** The text as it will be; undefined where there is no such file. */
  read(path: string): string | undefined {
    const planned = this.#files.get(path)?.text;
    if (planned !== undefined || !existsSync(path)) return planned;
    return readFileSync(path, 'utf8');
  }

  /** @returns a line a file: `wrote plugins/billing/index.ts` */
  write(): string {
    for (const [path, { text }] of this.#files) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
    return [...this.#files].map(([path, { verb }]) => `${verb} ${shown(path)}\n`).join('');
  }
}

const shown = (path: string): string => relative(process.cwd(), path) || path;
