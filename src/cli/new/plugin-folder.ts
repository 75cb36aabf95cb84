import { basename, dirname, join, relative, resolve } from 'node:path';
import type { Changes } from './changes.js';
import { FIRST_CONFIG, hasPlugin, withPlugin } from './config-file.js';
import type { MethodName } from './names.js';
import { type Project, pluginTsconfig } from './project.js';
import { type MethodPlan, methodSource, pluginSource, testSource, withMethod } from './sources.js';

/** A plugin's folder, as it is and as it will be. */
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

  /** Writes index.ts, with one method or none yet, and what its build and its types need. */
  create(project: Project, method: MethodName | undefined): void {
    this.changes.create(this.#index, pluginSource(basename(this.path), method));
    this.changes.createWhereMissing(join(this.path, 'tsconfig.json'), pluginTsconfig(project));
    if (project.manifest.type === 'module') return;
    this.changes.createWhereMissing(join(this.path, 'package.json'), '{\n  "private": true,\n  "type": "module"\n}\n');
  }

  /** Adds a method to index.ts. @returns whether that could be done */
  register(method: MethodName): boolean {
    const text = withMethod(this.changes.read(this.#index) ?? '', method);
    if (text !== undefined) this.changes.edit(this.#index, text);
    return text !== undefined;
  }

  /** @throws CommandFailed where the method's files are there already */
  mustBeNew({ file }: MethodName): void {
    for (const name of [`${file}.ts`, `${file}.test.ts`]) this.changes.mustBeNew(join(this.path, name));
  }

  addMethod(plan: MethodPlan): void {
    const { file } = plan.method;
    this.changes.create(join(this.path, `${file}.ts`), methodSource(plan));
    this.changes.create(join(this.path, `${file}.test.ts`), testSource(plan));
  }

  /** Adds the plugin to a configuration, which is written where there is none. @throws CommandFailed */
  addTo(config: string): void {
    if (this.changes.read(config) === undefined) this.changes.create(config, FIRST_CONFIG);
    const text = this.changes.read(config) ?? '';
    const [name, folder] = [basename(config), dirname(config)];
    if (hasPlugin(name, text, (use) => resolve(folder, use) === this.path)) return;
    this.changes.edit(config, withPlugin(name, text, `./${relative(folder, this.path).replaceAll('\\', '/')}`));
  }
}
