import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { file, folder, removeFolders } from '../support/files.js';
import { runCommand } from '../support/run-command.js';

afterAll(removeFolders);

/** A compiler that reports what is in `errors.txt` of the plugin, or writes dist/index.js. */
const COMPILER = `const { existsSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const folder = require('node:path').dirname(process.argv[3]);
if (existsSync(folder + '/errors.txt')) {
  process.stdout.write(readFileSync(folder + '/errors.txt', 'utf8'));
  process.exitCode = 2;
}
const isWritten = process.exitCode === undefined ? !existsSync(folder + '/nothing') : !process.argv.includes('--noEmitOnError');
if (isWritten) {
  mkdirSync(folder + '/dist', { recursive: true });
  writeFileSync(folder + '/dist/index.js', '');
}
`;

function project(config: string): string {
  const home = folder();
  file('config.yaml', config, home);
  put(home, 'node_modules/typescript/package.json', '{ "name": "typescript", "bin": { "tsc": "./tsc.cjs" } }');
  put(home, 'node_modules/typescript/tsc.cjs', COMPILER);
  return home;
}

function put(home: string, path: string, text: string): void {
  mkdirSync(join(home, path, '..'), { recursive: true });
  file(path, text, home);
}

function plugin(home: string, name: string, ...more: string[]): void {
  for (const path of ['index.ts', 'tsconfig.json', ...more]) put(home, `plugins/${name}/${path}`, 'wrong\n');
}

const build = (cwd: string, ...words: string[]) => runCommand(['build', ...words], { cwd });

describe('esp-host build', () => {
  it('builds each TypeScript plugin of a configuration, which may lack variables', async () => {
    const home = project('application: { name: "${NO_SUCH}" }\nplugins: [{ use: ./plugins/a }, { use: ./b }, 5]\n');
    plugin(home, 'a');
    put(home, 'b/index.js', '');
    expect(await build(home)).toEqual({ code: 0, stdout: 'built plugins/a\n./b is JavaScript already\n', stderr: '' });
  });

  it('goes on after a plugin with errors', async () => {
    const home = project('plugins: [{ use: ./plugins/a }, { use: ./plugins/b }]\n');
    plugin(home, 'a', 'errors.txt');
    plugin(home, 'b');
    const stderr = 'wrong\nplugins/a has errors\n';
    expect(await build(home, '--config', 'config.yaml')).toEqual({ code: 1, stdout: 'built plugins/b\n', stderr });
    expect(['a', 'b'].map((name) => existsSync(join(home, 'plugins', name, 'dist')))).toEqual([false, true]);
  });

  it.each<[string, string, (home: string) => void, RegExp]>([
    ['that is missing', './plugins/a', () => undefined, /plugins\/a does not exist/],
    [
      'without a tsconfig.json',
      './plugins/a',
      (home) => put(home, 'plugins/a/index.ts', ''),
      /^plugins\/a has no tsconfig\.json: npx esp-host new plugin writes one\n$/,
    ],
    [
      'that is a file',
      './plugins/a/index.ts',
      (home) => plugin(home, 'a'),
      /^\.\/plugins\/a\/index\.ts names a TypeScript file: name its folder, /,
    ],
    [
      'of esp-host',
      './plugins/a',
      (home) => {
        plugin(home, 'a');
        file('package.json', '{ "name": "esp-host" }', home);
      },
      /^plugins\/a is part of esp-host: npm run build builds it\n$/,
    ],
    [
      'whose build is elsewhere',
      './plugins/a',
      (home) => plugin(home, 'a', 'nothing'),
      /plugins\/a contains only TypeScript/,
    ],
  ])('fails for a plugin %s', async (_name, use, prepare, message) => {
    const home = project(`plugins: [{ use: ${use} }]\n`);
    prepare(home);
    const { code, stdout, stderr } = await build(home);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it('needs TypeScript, and a configuration', async () => {
    const home = folder();
    expect((await build(home)).stderr).toMatch(/^cannot read config\.yaml: ENOENT/);
    file('config.yaml', 'plugins: [{ use: ./plugins/a }]\n', home);
    plugin(home, 'a');
    expect((await build(home)).stderr).toBe('TypeScript is not installed: npm install --save-dev typescript\n');
    file('config.yaml', 'plugins: {\n', home);
    expect((await build(home)).stderr).toMatch(/^config\.yaml is not valid YAML: [^\n]+[^\n:]\n$/);
    file('config.yaml', 'plugins: []\n', home);
    expect(await build(home)).toEqual({ code: 0, stdout: 'config.yaml has no plugins\n', stderr: '' });
  });
});
