import { cpSync, statSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { file, folder, ROOT } from '../support/files.js';
import { installPacked, linkPackages, npmProject } from '../support/npm-project.js';

const { configWith, SHIPPED } = await import(new URL('../../scripts/reference/shipped.mjs', import.meta.url).href);

/** Pages describe only the included plugins; a checkout may have others. */
const ownPlugins = (path: string): boolean =>
  /^plugins\/[^/]+$/.test(path) && statSync(join(ROOT, path)).isDirectory() && !SHIPPED.includes(`./${path}`);

/** The node_modules that projects share: this package as published, and the packages that tests need. */
export function packages(): string {
  const home = npmProject();
  installPacked(home);
  symlinkSync('../esp-host/bin/esp-host.cjs', join(home, 'node_modules/.bin/esp-host'));
  return join(home, 'node_modules');
}

/** A project after `npm init -y` and `npm install esp-host`. */
export function emptyProject(modules: string, more: object = {}): string {
  const home = folder();
  const test = 'echo "Error: no test specified" && exit 1';
  const manifest = { name: 'own', version: '1.0.0', scripts: { test }, dependencies: { 'esp-host': '*' }, ...more };
  file('package.json', JSON.stringify(manifest, null, 2), home);
  symlinkSync(modules, join(home, 'node_modules'));
  return home;
}

/** A project with the included configuration, plugin, platform and strategies. */
export function exampleProject(modules: string): string {
  const home = emptyProject(modules, { type: 'module' });
  const from = join(modules, 'esp-host');
  for (const name of ['config.yaml', 'plugins', 'platform.yaml', 'stubs', 'strategies']) {
    cpSync(join(from, name), join(home, name), { recursive: true });
  }
  file('config.yaml', configWith(SHIPPED), home);
  return home;
}

const LEFT_OUT = ['node_modules', '.git', 'coverage', 'reports'];

/** A copy of this project and its build. */
export function checkout(): string {
  const home = folder();
  cpSync(ROOT, home, {
    recursive: true,
    filter: (path) => !LEFT_OUT.includes(relative(ROOT, path)) && !ownPlugins(relative(ROOT, path)),
  });
  file('config.yaml', configWith(SHIPPED), home);
  linkPackages(home);
  return home;
}
