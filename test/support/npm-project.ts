import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { file, folder, ROOT } from './files.js';

/** A project of a user's own: a package.json as npm writes it, and the packages that `npm install` would bring. */
export function npmProject(manifest: object = {}): string {
  const home = folder();
  const test = 'echo "Error: no test specified" && exit 1';
  const text = { name: 'own', version: '1.0.0', type: 'commonjs', scripts: { test }, ...manifest };
  file('package.json', JSON.stringify(text, null, 2), home);
  linkPackages(home);
  return home;
}

/**
 * A node_modules with a link to each package of this project, and to each program. Its folders are its own, so that
 * nothing that is done to it reaches the packages.
 */
export function linkPackages(home: string): void {
  const link = (from: string, to: string): void => {
    mkdirSync(to);
    for (const name of readdirSync(from)) {
      if (name === '.package-lock.json') continue;
      const [source, target] = [join(from, name), join(to, name)];
      if (name === '.bin' || name.startsWith('@')) link(source, target);
      else symlinkSync(source, target);
    }
  };
  link(join(ROOT, 'node_modules'), join(home, 'node_modules'));
}

/** Packs this package as for publishing, and unpacks it like `npm install`. */
export function installPacked(home: string): void {
  const words = ['pack', '--ignore-scripts', '--offline', '--silent', '--pack-destination', home];
  const tarball = execFileSync('npm', words, { cwd: ROOT, encoding: 'utf8' }).trim();
  execFileSync('tar', ['xzf', tarball], { cwd: home });
  renameSync(join(home, 'package'), join(home, 'node_modules/esp-host'));
}

/** Runs a program of a package, such as `jest/bin/jest.js`, in the user's project. */
export function runPackage(home: string, path: string, ...words: string[]): { status: number | null; text: string } {
  const node = ['--experimental-vm-modules', '--no-warnings', join(home, 'node_modules', path)];
  const ran = spawnSync(process.execPath, [...node, ...words], { cwd: home, encoding: 'utf8' });
  return { status: ran.status, text: ran.stdout + ran.stderr };
}
