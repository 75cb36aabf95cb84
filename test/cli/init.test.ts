import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { file, folder, removeFolders } from '../support/files.js';
import { linkPackages } from '../support/npm-project.js';
import { runCommand } from '../support/run-command.js';

afterAll(removeFolders);

const init = (cwd: string, ...words: string[]) => runCommand(['init', ...words], { cwd });
const text = (home: string, path: string): string => readFileSync(join(home, path), 'utf8');
const manifest = (home: string) => JSON.parse(text(home, 'package.json'));

describe('esp-host init', () => {
  it('makes a project that check accepts', async () => {
    const home = join(folder(), 'My Shop');
    mkdirSync(home);
    const { code, stdout, stderr } = await init(home);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(
      [
        'wrote package.json',
        'wrote plugins/greeting/index.ts',
        'wrote plugins/greeting/tsconfig.json',
        'wrote config.yaml',
        'wrote plugins/greeting/greet.ts',
        'wrote plugins/greeting/greet.test.ts',
        'wrote platform.yaml',
        'wrote .gitignore',
        'wrote .github/workflows/ci.yml',
        'wrote tsconfig.json',
        'wrote jest.config.mjs',
        '',
        'Next:',
        '  npm install',
        '  npm test',
        '  npx esp-host dev   (reloads the plugin when you save it)',
        '  npx esp-host send Greeting Greet Name=someName   (in another terminal)',
        '  npm run build   (before npx esp-host serve)',
        '',
      ].join('\n'),
    );
    expect(manifest(home)).toMatchObject({
      ...{ name: 'my-shop', private: true, type: 'module' },
      scripts: { start: 'esp-host dev', build: 'esp-host build', test: expect.stringContaining('jest') },
      dependencies: { 'esp-host': expect.stringMatching(/^\^\d/) },
      devDependencies: { typescript: expect.any(String), jest: expect.any(String) },
    });
    const { jobs } = parse(text(home, '.github/workflows/ci.yml'));
    expect(jobs.test.steps.flatMap(({ run }: { run?: string }) => run ?? [])).toEqual([
      'npm ci',
      'npx tsc',
      'npm test',
      'npm run build',
      'npx esp-host check config.yaml platform.yaml',
    ]);
    linkPackages(home);
    const checked = await runCommand(['check', '--typescript', 'config.yaml', 'platform.yaml'], { cwd: home });
    expect(checked).toEqual({
      code: 0,
      stdout:
        'config.yaml is valid: Own (type 23), channels none, methods Greeting.Greet\n' +
        'platform.yaml is valid: 1 application, 0 upstreams\n',
      stderr: '',
    });
  });

  it('names the folder, the method and the application', async () => {
    const home = folder();
    const words = ['my shop', '--method', 'Crm.Find', '--app-name', 'A ${B}: "c"', '--app-type', '171'];
    const { stdout } = await init(home, ...words);
    expect(stdout).toContain("\n  cd 'my shop'\n  npm install\n");
    expect(stdout).toContain('\n  npx esp-host send Crm Find   (in another terminal)\n');
    const [config, platform] = ['config.yaml', 'platform.yaml'].map((name) => parse(text(home, `my shop/${name}`)));
    const application = { name: 'A $${B}: "c"', type: 171 };
    expect(config).toEqual({ application, plugins: [{ use: './plugins/crm' }] });
    expect(platform.applications).toEqual([{ ...application, address: 'host' }]);
    expect((await init(home, 'shop')).stdout).toContain('\n  cd shop\n');
    expect((await init(home, "a'b")).stdout).toContain("\n  cd 'a'\\''b'\n");
  });

  it('completes package.json, and keeps the other files', async () => {
    const home = folder();
    const given = { name: 'own', scripts: { test: 'mine', build: 'tsc' }, devDependencies: { 'esp-host': '1' } };
    file('package.json', JSON.stringify(given), home);
    file('.gitignore', 'mine', home);
    const { stdout } = await init(home);
    expect(stdout).toContain('changed package.json\n');
    const scripts = { start: 'esp-host dev', build: 'tsc', test: 'mine' };
    expect(manifest(home)).toEqual({ ...given, scripts, dependencies: {} });
    expect(text(home, '.gitignore')).toBe('mine');
    expect(text(home, 'plugins/greeting/package.json')).toContain('"module"');
  });

  it.each<[string, string[], RegExp]>([
    ['config.yaml', [], /^config\.yaml already exists\n$/],
    ['platform.yaml', [], /^platform\.yaml already exists\n$/],
    ['x', ['--method', 'Billing'], /^'Billing' is not a method: /],
    ['x', ['--app-type', 'SocialMS'], /Expected a whole number from 1 to 2147483647/],
    ['x', ['x/y'], /^cannot write x\/y\/package\.json: E[A-Z]+: [^\n]*\n$/],
  ])('in a folder with %s, %j writes nothing', async (there, words, message) => {
    const home = folder();
    file(there, '', home);
    const { code, stdout, stderr } = await init(home, ...words);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it('is not for esp-host itself', async () => {
    const home = folder();
    file('package.json', '{ "name": "esp-host" }', home);
    expect((await init(home)).stderr).toBe('this is esp-host itself: choose another folder\n');
  });
});
