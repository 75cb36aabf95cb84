import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Ports } from '../docs/ports.js';
import { file, folder, ROOT, removeFolders } from '../support/files.js';
import { installPacked, linkPackages, npmProject, runPackage } from '../support/npm-project.js';
import { type Ended, killPrograms, Program } from '../support/processes.js';

let home: string;

const espHost = (...words: string[]): Program =>
  new Program(words, { root: join(home, 'node_modules/esp-host'), cwd: home });

const tool = (path: string, ...words: string[]) => runPackage(home, path, ...words);

const GIVEN = ['Account:string', 'Currency:string?', 'Count:int', 'Tags:string[]', 'More:list', 'Raw:binary?'];
const RESULTS = ['Balance:string', 'Lines:list[]', 'Size:int', 'Data:binary'];

beforeAll(async () => {
  home = npmProject();
  installPacked(home);
  expect(await espHost('init').ended()).toMatchObject({ code: 0 });
  const fields = [...GIVEN.flatMap((one) => ['--parameter', one]), ...RESULTS.flatMap((one) => ['--response', one])];
  expect(await espHost('new', 'method', 'Billing.GetBalance', ...fields, '--yes').ended()).toMatchObject({ code: 0 });
  expect(await espHost('new', 'method', 'Billing.Ping', '--yes').ended()).toMatchObject({ code: 0 });
  const rate = ['Billing.Rate', '--response', 'Rate:int'];
  expect(await espHost('new', 'method', ...rate, '--yes').ended()).toMatchObject({ code: 0 });
  const config = readFileSync(join(home, 'config.yaml'), 'utf8');
  file('config.yaml', `${config}listeners: { esp: { port: 0 }, metrics: { port: 0 } }\n`, home);
}, 60_000);

afterAll(async () => {
  await killPrograms();
  removeFolders();
});

describe('the package has the licences of bundled packages', () => {
  const licenses = (folder: string): string =>
    readFileSync(join(home, 'node_modules/esp-host', folder, 'THIRD-PARTY-LICENSES.txt'), 'utf8');
  const named = (text: string): string[] => [...text.matchAll(/^-{80}\n\n(\S+) /gm)].map(([, name = '']) => name);

  it.each<[string, string[]]>([
    ['dist/src', ['@inversifyjs/core', '@redis/client', 'commander', 'fastify', 'got', 'iconv-lite', 'winston', 'zod']],
    ['dist/mock-platform', ['fastify', 'preact']],
    ['plugins/messaging/dist', ['cockatiel', 'libphonenumber-js', 'lru-cache']],
  ])('%s', (place, some) => {
    const text = licenses(place);
    expect(named(text)).toEqual(expect.arrayContaining(some));
    const sections = text.split(/^-{80}$/m).slice(1);
    for (const section of sections) expect(section).toMatch(/permission|permitted|licensed under/i);
    expect(Math.min(...sections.map(({ length }) => length))).toBeGreaterThan(500);
  });

  it('none of a build-time package', () =>
    expect(named(licenses('dist/src')).filter((name) => /esbuild|typescript|jest|vite/.test(name))).toEqual([]));
});

it('npm pack builds a checkout first', () => {
  const checkout = folder();
  const left = ['.git', 'coverage', 'dist', 'node_modules'];
  cpSync(ROOT, checkout, { recursive: true, filter: (path) => !left.includes(basename(path)) });
  linkPackages(checkout);
  const words = ['pack', '--offline', '--silent'];
  const output = execFileSync('npm', words, { cwd: checkout, encoding: 'utf8' });
  const tarball = output.trim().split('\n').at(-1) ?? '';
  const files = execFileSync('tar', ['tzf', tarball], { cwd: checkout, encoding: 'utf8' }).split('\n');
  expect(files).toEqual(
    expect.arrayContaining([
      'package/dist/src/cli/main.js',
      'package/dist/src/index.d.ts',
      'package/dist/mock-platform/index.js',
      'package/plugins/messaging/dist/index.js',
    ]),
  );
}, 120_000);

describe('the build', () => {
  it('fails if a package has no licence text', () => {
    const root = folder();
    mkdirSync(join(root, 'node_modules/@a/b'), { recursive: true });
    file('LICENSE', 'MIT License', root);
    file('package.json', '{ "name": "@a/b", "version": "1.0.0", "license": "MIT" }', join(root, 'node_modules/@a/b'));
    const script = `import { licensesOf } from '${join(ROOT, 'scripts/licenses.mjs')}';
      process.stdout.write(licensesOf('${root}', ['src/index.ts', 'node_modules/@a/b/lib/x.js']));`;
    const build = () => spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(build().stderr).toContain('Error: no licence text in @a/b: cannot be bundled');
    file('license.md', 'Do what you like.\r\n', join(root, 'node_modules/@a/b'));
    expect(build().stdout).toMatch(/\n@a\/b 1\.0\.0 \(MIT\)\n\nDo what you like\.\n$/);
  });
});

describe('the package in a project of its own has methods that', () => {
  afterEach(() => {
    for (const name of ['billing', 'greeting']) {
      rmSync(join(home, `plugins/${name}/dist`), { recursive: true, force: true });
    }
  });

  it('pass their tests', () => {
    const { status, text } = tool('jest/bin/jest.js');
    expect(text).toMatch(/Tests: +9 passed, 9 total/);
    expect(status).toBe(0);
  }, 60_000);

  it('have types', () => expect(tool('typescript/bin/tsc', '-p', '.')).toEqual({ status: 0, text: '' }), 60_000);

  it('are formatted and pass the linter', () => {
    const biome = join(ROOT, 'node_modules/@biomejs/biome/bin/biome');
    const words = ['check', `--config-path=${ROOT}biome.json`, '--vcs-enabled=false', 'plugins'];
    expect(() => execFileSync(process.execPath, [biome, ...words], { cwd: home, stdio: 'pipe' })).not.toThrow();
  }, 60_000);

  it('answer in the mock platform', async () => {
    const platform = readFileSync(join(home, 'node_modules/esp-host/platform.yaml'), 'utf8');
    const free = platform
      .replaceAll(/port: \d+/g, 'port: 0')
      .replaceAll('./stubs', './node_modules/esp-host/stubs')
      .replaceAll('./plugins', './node_modules/esp-host/plugins');
    const mock = espHost('mock', '--platform', file('platform.yaml', free, home));
    const [, host = ''] = await mock.printed(/Host +(\S+),/);
    const send = (...words: string[]): Promise<Ended> => espHost('send', 'Billing', ...words, '--to', host).ended();
    expect(await send('Ping')).toEqual({ code: 0, stdout: 'Result=some Result\n', stderr: '' });
    expect(await send('GetBalance')).toMatchObject({ code: 2, stdout: expect.stringMatching(/Account: missing/) });
    expect((await mock.kill('SIGTERM')).code).toBe(0);
  }, 60_000);

  it('can be built for production, and answer there', async () => {
    const stdout = 'built plugins/greeting\nbuilt plugins/billing\n';
    expect(await espHost('build').ended()).toEqual({ code: 0, stdout, stderr: '' });
    expect(readdirSync(join(home, 'plugins/billing/dist')).filter((name) => name.endsWith('.js'))).toEqual([
      'get-balance.js',
      'index.js',
      'ping.js',
      'rate.js',
    ]);
    expect(await espHost('check').ended()).toMatchObject({
      code: 0,
      stdout:
        'config.yaml is valid: Own (type 23), channels none, methods Greeting.Greet, Billing.GetBalance, Billing.Ping, Billing.Rate\n',
    });
    const serve = espHost('serve', '--listen', '127.0.0.1:0');
    const [, address = ''] = await serve.printed(/listens for ESP address=(\S+)/);
    const send = await espHost('send', 'Billing', 'Rate', '--to', address).ended();
    expect(send).toEqual({ code: 0, stdout: 'Rate:=1\n', stderr: '' });
    expect((await serve.kill('SIGTERM')).code).toBe(0);
  }, 60_000);
});

it('runs a new project in dev, whose application answers behind Interaction Server', async () => {
  const own = npmProject();
  installPacked(own);
  const ports = await Ports.free();
  const options = { root: join(own, 'node_modules/esp-host'), cwd: own, env: ports.environment() };
  const espHost = (...words: string[]): Program => new Program(words, options);
  const created = await espHost('new', 'method', 'Billing.GetBalance', '--parameter', 'Account', '--yes').ended();
  expect(created).toMatchObject({ code: 0, stderr: '' });
  const dev = espHost('dev');
  await dev.printed(/Interaction Server .*, connected to Own\n.*Ctrl-C stops it all/s);
  const ask = ['send', 'Billing', 'GetBalance', '--to', '127.0.0.1:7110', 'Account=17'];
  const answered = { code: 0, stdout: 'Result=some Result\n', stderr: '' };
  expect(await espHost(...ask, '--app-name', 'Own').ended()).toEqual(answered);
  expect(await espHost(...ask, '--app-type', '23').ended()).toEqual(answered);
  expect((await espHost(...ask, '--app-name', 'Other').ended()).stdout).toMatch(/^FaultCode=902\n/);
  const { stdout, stderr, code } = await dev.kill('SIGTERM');
  expect(code).toBe(0);
  expect(created.stdout + readFileSync(join(own, 'config.yaml'), 'utf8') + stdout + stderr).not.toMatch(
    /WhatsApp|DMS/i,
  );
}, 120_000);
