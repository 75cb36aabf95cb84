import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { methodName } from '../../../src/cli/new/names.js';
import { Changes, PluginFolder } from '../../../src/cli/new/plugin-folder.js';
import { file, folder, removeFolders } from '../../support/files.js';

afterAll(removeFolders);

const textOf = (path: string): string => readFileSync(path, 'utf8');

describe('changes', () => {
  it('are written together, a line per file', () => {
    const home = folder();
    const [made, edited, changed] = ['a/made.ts', 'a/edited.ts', 'own.ts'].map((name) => join(home, name)) as [
      string,
      string,
      string,
    ];
    file('own.ts', 'before', home);
    const changes = new Changes();
    changes.create(made, 'made');
    changes.create(edited, 'first');
    changes.edit(edited, 'second');
    changes.edit(changed, 'after');
    changes.createWhereMissing(changed, 'not written');
    expect([changes.read(made), changes.read(edited), changes.read(changed)]).toEqual(['made', 'second', 'after']);
    expect(existsSync(made)).toBe(false);
    const shown = (path: string) => relative(process.cwd(), path);
    expect(changes.write()).toBe(`wrote ${shown(made)}\nwrote ${shown(edited)}\nchanged ${shown(changed)}\n`);
    expect([made, edited, changed].map(textOf)).toEqual(['made', 'second', 'after']);
  });

  it('are undone if a file cannot be written', () => {
    const home = folder();
    file('own.ts', 'before', home);
    file('plain', '', home);
    const changes = new Changes();
    changes.create(join(home, 'a/b/made.ts'), 'made');
    changes.create(join(home, 'made.ts'), 'made');
    changes.edit(join(home, 'own.ts'), 'after');
    changes.create(join(home, 'plain/made.ts'), 'made');
    const path = relative(process.cwd(), join(home, 'plain/made.ts'));
    expect(() => changes.write()).toThrow(new RegExp(`^cannot write ${path}: E`));
    expect([readdirSync(home).toSorted(), textOf(join(home, 'own.ts'))]).toEqual([['own.ts', 'plain'], 'before']);
  });

  it('are undone as far as possible', () => {
    const home = folder();
    const changes = new Changes();
    changes.create(join(home, 'made.ts'), 'made');
    changes.create(join(home, 'x'.repeat(300)), 'made'); // too long to write, and to remove
    expect(() => changes.write()).toThrow(/^cannot write .*: ENAMETOOLONG/);
    expect(readdirSync(home)).toEqual([]);
  });

  it('say which file cannot be read', () => {
    const home = folder();
    expect(() => new Changes().read(home)).toThrow(new RegExp(`^cannot read ${relative(process.cwd(), home)}: EISDIR`));
  });

  it('read files as they are', () => {
    const path = file('own.ts', 'own');
    expect(new Changes().read(path)).toBe('own');
    expect(new Changes().read(`${path}x`)).toBeUndefined();
  });

  it('overwrite no file', () => {
    const path = file('own.ts', 'own');
    const why = `${relative(process.cwd(), path)} already exists`;
    expect(() => new Changes().create(path, 'other')).toThrow(why);
    expect(() => new Changes().mustBeNew(path)).toThrow(why);
    expect(new Changes().mustBeNew(`${path}x`)).toBeUndefined();
  });
});

describe('the folder of a plugin', () => {
  const get = methodName('Billing.Get');
  const project = (type?: string) => ({ root: '/', manifest: type === undefined ? {} : { type }, isHost: false });
  const plan = { method: get, parameters: [], response: [], channel: undefined };

  function pluginIn(home: string) {
    const changes = new Changes();
    return { changes, plugin: new PluginFolder(changes, join(home, 'plugins/billing')) };
  }

  it('is new without an index.ts', () => {
    const home = folder();
    const { changes, plugin } = pluginIn(home);
    expect(plugin.isNew).toBe(true);
    plugin.create(project(), get);
    plugin.addMethod(plan);
    changes.write();
    expect(textOf(join(home, 'plugins/billing/package.json'))).toBe('{\n  "private": true,\n  "type": "module"\n}\n');
    expect(textOf(join(home, 'plugins/billing/index.ts'))).toContain("name: 'billing',\n  methods: [Get],");
    expect(textOf(join(home, 'plugins/billing/get.ts'))).toContain('export class Get ');
    expect(textOf(join(home, 'plugins/billing/get.test.ts'))).toContain('testMethod(Get)');
    expect(pluginIn(home).plugin.isNew).toBe(false);
    for (const work of ['mustBeNew', 'addMethod'] as const) {
      const again = pluginIn(home).plugin;
      expect(() => (work === 'mustBeNew' ? again.mustBeNew(get) : again.addMethod(plan))).toThrow(
        /plugins\/billing\/get\.ts already exists$/,
      );
    }
  });

  it('has no package.json in a project of ES modules', () => {
    const home = folder();
    const { changes, plugin } = pluginIn(home);
    plugin.create(project('module'), undefined);
    changes.write();
    expect(existsSync(join(home, 'plugins/billing/package.json'))).toBe(false);
    expect(existsSync(join(home, 'plugins/billing/tsconfig.json'))).toBe(true);
  });

  it('keeps the files that it has', () => {
    const home = folder();
    mkdirSync(join(home, 'plugins/billing'), { recursive: true });
    for (const name of ['tsconfig.json', 'package.json']) file(name, '{}', join(home, 'plugins/billing'));
    const { changes, plugin } = pluginIn(home);
    plugin.create(project(), undefined);
    expect(changes.write().split('\n')).toEqual([expect.stringMatching(/^wrote .*index\.ts$/), '']);
  });

  it('registers a method, or says that it cannot', () => {
    const home = folder();
    mkdirSync(join(home, 'plugins/billing'), { recursive: true });
    const index = file('index.ts', 'export default plugin;\n', join(home, 'plugins/billing'));
    expect(pluginIn(home).plugin.register(get)).toBe(false);
    file('index.ts', "import { a } from 'b';\n  methods: []\n", join(home, 'plugins/billing'));
    const { changes, plugin } = pluginIn(home);
    expect(plugin.register(get)).toBe(true);
    changes.write();
    expect(textOf(index)).toBe("import { a } from 'b';\nimport { Get } from './get.js';\n  methods: [Get]\n");
  });

  it('is added to the configuration once, which is made if needed', () => {
    const home = folder();
    const config = join(home, 'own.yaml');
    const add = (application: { name?: string; type?: number } = {}): string => {
      const { changes, plugin } = pluginIn(home);
      plugin.addTo(config, application);
      return changes.write();
    };
    expect(add({ name: 'Billing', type: 5 })).toMatch(/^wrote .*own\.yaml\n$/);
    const written = { application: { name: 'Billing', type: 5 }, plugins: [{ use: './plugins/billing' }] };
    expect(parse(textOf(config))).toEqual(written);
    expect(add()).toBe('');
    for (const application of [{ name: 'Other' }, { type: 6 }])
      expect(() => add(application)).toThrow('--app-name and --app-type require a new own.yaml, but it already exists');
    file('own.yaml', 'plugins: [{ use: plugins/billing }]\n', home);
    expect(add()).toBe('');
    file('own.yaml', 'plugins: [{ use: ./plugins/other }]\n', home);
    expect(add()).toMatch(/^changed .*own\.yaml\n$/);
    expect(parse(textOf(config)).plugins).toEqual([{ use: './plugins/other' }, { use: './plugins/billing' }]);
  });
});
