import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { CommandError } from '../errors.js';
import { readText } from '../files.js';
import { type ChannelDefinition, channelSource, mockSource } from './channel.js';
import { channelNamed, firstConfig, hasPlugin, type NewApplication, withChannel, withPlugin } from './config-file.js';
import type { MethodName } from './names.js';
import { type Project, pluginTsconfig } from './project.js';
import { type MethodPlan, methodSource, pluginSource, testSource, withChannelType, withMethod } from './sources.js';

/** Files to write, all or none. */
export class Changes {
  readonly #files = new Map<string, { readonly text: string; readonly verb: string }>();

  /** @throws CommandError if the file exists */
  mustBeNew(path: string): void {
    if (existsSync(path)) throw new CommandError(`${shown(path)} already exists`);
  }

  /** @throws CommandError if the file exists */
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

  /** The planned or current text; undefined if there is no such file. */
  read(path: string): string | undefined {
    const planned = this.#files.get(path)?.text;
    if (planned !== undefined || !existsSync(path)) return planned;
    return readText(path, shown(path));
  }

  /** @returns a line per file: `wrote plugins/billing/index.ts` @throws CommandError, after undoing what was written */
  write(): string {
    const undo: (() => void)[] = [];
    for (const [path, { text }] of this.#files) {
      try {
        writeFile(path, text, undo);
      } catch (error) {
        for (const step of undo.reverse()) attempt(step);
        throw new CommandError(`cannot write ${shown(path)}: ${(error as Error).message}`, { cause: error });
      }
    }
    return [...this.#files].map(([path, { verb }]) => `${verb} ${shown(path)}\n`).join('');
  }
}

/** What cannot be undone must not hide the error that it follows. */
function attempt(step: () => void): void {
  try {
    step();
  } catch {}
}

/** Adds to `undo` how to restore what was there before. */
function writeFile(path: string, text: string, undo: (() => void)[]): void {
  const made = mkdirSync(dirname(path), { recursive: true });
  if (made !== undefined) undo.push(() => rmSync(made, { recursive: true, force: true }));
  const before = existsSync(path) ? readFileSync(path) : undefined;
  undo.push(() => (before === undefined ? rmSync(path, { force: true }) : writeFileSync(path, before)));
  writeFileSync(path, text);
}

const shown = (path: string): string => relative(process.cwd(), path) || path;

/** The folder of a new or existing plugin. */
export class PluginFolder {
  readonly isNew: boolean;
  readonly #index: string;

  constructor(
    private readonly changes: Changes,
    readonly path: string,
  ) {
    this.#index = join(path, 'index.ts');
    this.isNew = changes.read(this.#index) === undefined;
  }

  /** Creates index.ts with at most one method, and the files that its build needs. */
  create(project: Project, method: MethodName | undefined): void {
    this.changes.create(this.#index, pluginSource(basename(this.path), method));
    this.changes.createWhereMissing(join(this.path, 'tsconfig.json'), pluginTsconfig(project));
    if (project.manifest.type === 'module') return;
    this.changes.createWhereMissing(join(this.path, 'package.json'), '{\n  "private": true,\n  "type": "module"\n}\n');
  }

  /** Adds a method to index.ts. @returns false if index.ts must be edited by hand */
  register(method: MethodName): boolean {
    const text = withMethod(this.changes.read(this.#index) ?? '', method);
    if (text !== undefined) this.changes.edit(this.#index, text);
    return text !== undefined;
  }

  /** @throws CommandError if files of the method exist */
  mustBeNew({ file }: MethodName): void {
    for (const name of [`${file}.ts`, `${file}.test.ts`]) this.changes.mustBeNew(join(this.path, name));
  }

  addMethod(plan: MethodPlan): void {
    const { file } = plan.method;
    this.changes.create(join(this.path, `${file}.ts`), methodSource(plan));
    this.changes.create(join(this.path, `${file}.test.ts`), testSource(plan));
  }

  /** Whether the plugin defines the channel type in the file of its name. */
  hasChannelType({ file }: ChannelDefinition): boolean {
    return this.changes.read(join(this.path, `${file}.ts`)) !== undefined;
  }

  /** Adds a channel type, and a mock of its upstream if the plugin has none. @returns false if index.ts must be edited by hand */
  addChannelType(definition: ChannelDefinition): boolean {
    this.changes.create(join(this.path, `${definition.file}.ts`), channelSource(definition));
    const mock = join(this.path, 'mock.ts');
    const index = this.changes.read(this.#index) ?? '';
    const bringsMock = this.changes.read(mock) === undefined && !/\bmock\b|\bchannels:/.test(index);
    const text = withChannelType(index, definition, bringsMock);
    if (text === undefined) return false;
    this.changes.edit(this.#index, text);
    if (bringsMock) this.changes.create(mock, mockSource(basename(this.path), definition));
    return true;
  }

  hasChannel(config: string, type: string): boolean {
    return channelNamed(basename(config), this.changes.read(config) ?? '', type) !== undefined;
  }

  /** Adds a channel to the configuration, unless it has one of this type. @returns whether it did @throws CommandError */
  addChannel(config: string, definition: ChannelDefinition): boolean {
    const text = withChannel(basename(config), this.changes.read(config) ?? '', definition);
    if (text !== undefined) this.changes.edit(config, text);
    return text !== undefined;
  }

  /** Adds the plugin to the configuration, which is created with `application` if needed. @throws CommandError */
  addTo(config: string, application: NewApplication): void {
    const [name, folder] = [basename(config), dirname(config)];
    if (this.changes.read(config) === undefined) {
      this.changes.create(config, firstConfig(application));
    } else if (application.name !== undefined || application.type !== undefined) {
      throw new CommandError(`--app-name and --app-type require a new ${name}, but it already exists`);
    }
    const text = this.changes.read(config) ?? '';
    if (hasPlugin(name, text, (use) => resolve(folder, use) === this.path)) return;
    this.changes.edit(config, withPlugin(name, text, `./${relative(folder, this.path).replaceAll('\\', '/')}`));
  }
}
