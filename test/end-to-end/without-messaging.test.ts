import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { parseDocument } from 'yaml';
import { file, folder, ROOT, removeFolders } from '../support/files.js';
import { linkPackages } from '../support/npm-project.js';
import { killPrograms, Program } from '../support/processes.js';

/** The host knows none of its plugins: without plugins/messaging it builds, starts, and passes its tests. */

afterAll(async () => {
  await killPrograms();
  removeFolders();
});

/** Tests of included parts: they may need plugins/messaging, and the config.yaml that names it. */
const WHAT_COMES_ALONG = ['plugins/', 'end-to-end/', 'docs/', 'deploy/', 'hostile/'];

/** Mentions that need nothing: what an import or a path would be. */
const WORDS_ALONE = [
  'architecture.test.ts',
  'config/broken.test.ts',
  'plugin-loading/plugin-entry.test.ts',
  'regular-expressions.test.ts',
];

describe('tests of the host', () => {
  const tests = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .filter((path) => !WHAT_COMES_ALONG.some((start) => path.startsWith(start)));

  it('exist', () => expect(tests.length).toBeGreaterThan(100));

  it.each([
    ['plugins/messaging', /plugins\/messaging|whatsapp-api\.js/],
    ["the project's own config.yaml", /ROOT, 'config\.yaml'|loadConfig\('config\.yaml'/],
    ["the project's own strategies", /ROOT, 'strategies/],
  ])('do not need %s', (_, pattern) => {
    const found = tests.filter((path) => pattern.test(readFileSync(join(ROOT, 'test', path), 'utf8')));
    expect(found.filter((path) => !WORDS_ALONE.includes(path))).toEqual([]);
  });
});

it('a host without it builds, and serves another plugin', async () => {
  const root = copyWithoutMessaging();
  const method = [
    'new',
    'method',
    'Billing.GetBalance',
    '--parameter',
    'Account:string',
    '--response',
    'Balance:string',
  ];
  expect(await new Program([...method, '--yes'], { cwd: root }).ended()).toMatchObject({ code: 0 });
  execFileSync(process.execPath, [join(root, 'scripts/build.mjs')], { cwd: root, stdio: 'pipe' });
  const host = new Program(['serve', '--listen', '127.0.0.1:0'], { root });
  const [, address = ''] = await host.printed(/listens for ESP address=(\S+) methods=Billing\.GetBalance\n/);
  const send = ['send', 'Billing', 'GetBalance', 'Account=17', '--to', address];
  expect(await new Program(send, { root }).ended()).toMatchObject({ code: 0, stdout: 'Balance=some Balance\n' });
  expect(await host.kill('SIGTERM')).toMatchObject({ code: 0 });
}, 120_000);

/** The sources, without plugins, with a config.yaml that names none and no channel. */
function copyWithoutMessaging(): string {
  const root = folder();
  const left = ['node_modules', '.git', 'dist', 'plugins', 'test', 'docs', 'coverage'];
  cpSync(ROOT, root, { recursive: true, filter: (path) => !left.includes(relative(ROOT, path)) });
  linkPackages(root);
  const config = parseDocument(readFileSync(join(root, 'config.yaml'), 'utf8'));
  for (const key of ['channels', 'plugins', 'state']) config.delete(key);
  config.deleteIn(['listeners', 'webhooks']);
  config.setIn(['listeners', 'metrics'], { enabled: false });
  file('config.yaml', String(config), root);
  return root;
}
