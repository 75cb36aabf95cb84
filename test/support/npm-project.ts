import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { file, folder, ROOT } from './files.js';

/** A project of a user's own: a package.json as npm writes it, and the packages that `npm install` would bring. */
export function npmProject(manifest: object = {}): string {
  const home = folder();
  const test = 'echo "Error: no test specified" && exit 1';
  const text = { name: 'own', version: '1.0.0', type: 'commonjs', scripts: { test }, ...manifest };
  file('package.json', JSON.stringify(text, null, 2), home);
  mkdirSync(join(home, 'node_modules'));
  const installed = join(ROOT, 'node_modules');
  for (const name of readdirSync(installed)) {
    if (name !== '.package-lock.json') symlinkSync(join(installed, name), join(home, 'node_modules', name));
  }
  return home;
}

/** Packs this package as it would be published, and unpacks it where `npm install` would. */
export function installPacked(home: string): void {
  const words = ['pack', '--ignore-scripts', '--offline', '--silent', '--pack-destination', home];
  const tarball = execFileSync('npm', words, { cwd: ROOT, encoding: 'utf8' }).trim();
  execFileSync('tar', ['xzf', tarball], { cwd: home });
  renameSync(join(home, 'package'), join(home, 'node_modules/esp-host'));
}
