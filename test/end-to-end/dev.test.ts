import { once } from 'node:events';
import { mkdirSync, readFileSync, renameSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { until } from '../support/eventually.js';
import { removeFolders } from '../support/files.js';
import { freePort } from '../support/free-port.js';
import { killPrograms } from '../support/processes.js';
import { outcome, RawClient, request } from '../support/raw-client.js';
import { DevSetting, MARK_PLUGIN, markMethod, PLATFORM } from './dev-setting.js';

afterEach(killPrograms);
afterAll(removeFolders);

const marked = (mark: string): string => `{"Mark":"${mark}"}`;
const RELOADED = /^reloaded \.\/plugins\/mark in \d+ ms: Test\.Mark$/m;

describe('a plugin whose file changes', () => {
  it('is reloaded amid 10,000 requests of one connection: each has one reply, the new code has every one after it', async () => {
    const setting = await DevSetting.start();
    const client = await RawClient.open(setting.port);
    const BATCH = 100;
    let asked = 0;
    let reloaded = false;
    while (asked < 10_000 || !reloaded) {
      if (asked === 3000) setting.write('plugins/mark/mark.ts', markMethod('2'));
      client.send(...Array.from({ length: BATCH }, () => request(++asked, 'Test', 'Mark')));
      const received = await client.messages(asked - BATCH / 2);
      reloaded = outcome(received[received.length - 1] as (typeof received)[number]) === marked('2');
    }
    const received = await client.messages(asked);
    await setting.said(RELOADED);
    expect(received.map(({ referenceId }) => referenceId)).toEqual(Array.from({ length: asked }, (_, at) => at + 1));
    const answers = received.map(outcome);
    const first = answers.indexOf(marked('2'));
    expect(first).toBeGreaterThan(2900);
    expect(new Set(answers.slice(0, first))).toEqual(new Set([marked('1')]));
    expect(new Set(answers.slice(first))).toEqual(new Set([marked('2')]));
    await client.close();
  }, 60_000);

  it('completes calls with the code that they began with, and then stops that code', async () => {
    const held: ServerResponse[] = [];
    const upstream = createServer((_request, response) => void held.push(response)).listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    const waiting = (mark: string): string =>
      markMethod(mark).replace(
        'handle() {',
        `async handle(call: { http: { get(url: string): Promise<{ body: string }> } }) {
    if ('${mark}' === '1') await call.http.get('http://127.0.0.1:${(upstream.address() as AddressInfo).port}');`,
      );
    const plugin = MARK_PLUGIN.replace('[Mark]', "[Mark], stop: () => console.error('stopped')");
    const setting = await DevSetting.start({ 'plugins/mark/index.ts': plugin, 'plugins/mark/mark.ts': waiting('1') });
    const client = await RawClient.open(setting.port);
    client.send(request(1, 'Test', 'Mark'));
    await until(() => held.length === 1);
    setting.write('plugins/mark/mark.ts', waiting('2'));
    await setting.said(RELOADED);
    client.send(request(2, 'Test', 'Mark'));
    await client.messages(1);
    expect(setting.dev.stderr).not.toContain('stopped');
    held[0]?.end();
    const received = await client.messages(2);
    expect(received.map((one) => `${one.referenceId} ${outcome(one)}`)).toEqual([
      `2 ${marked('2')}`,
      `1 ${marked('1')}`,
    ]);
    await setting.said(/^stopped$/m);
    await client.close();
    upstream.close();
  });

  it('reports new and removed methods', async () => {
    const setting = await DevSetting.start();
    setting.write('plugins/mark/other.ts', markMethod('o', 'Other'));
    setting.write(
      'plugins/mark/index.ts',
      MARK_PLUGIN.replace('\nexport', "\nimport { Other } from './other.js';\nexport").replace(
        '[Mark]',
        '[Mark, Other]',
      ),
    );
    await setting.said(/^reloaded \.\/plugins\/mark in \d+ ms: Test\.Mark, new Test\.Other$/m);
    expect(await setting.ask('Other')).toBe(marked('o'));
    setting.write('plugins/mark/index.ts', MARK_PLUGIN);
    await setting.said(/^reloaded \.\/plugins\/mark in \d+ ms: Test\.Mark, removed Test\.Other$/m);
    expect(await setting.ask('Other')).toBe('902 Test.Other unknown method');
    expect((await setting.reload()).last).toMatchObject({
      kind: 'applied',
      plugins: [{ use: './plugins/mark', methods: ['Test.Mark'], added: [], removed: ['Test.Other'] }],
      configuration: false,
    });
  });

  it('can be saved by a rename, be outside its folder, or be missing for a while', async () => {
    const setting = await DevSetting.start();
    setting.write('plugins/mark/mark.ts.tmp', markMethod('2'));
    renameSync(join(setting.home, 'plugins/mark/mark.ts.tmp'), join(setting.home, 'plugins/mark/mark.ts'));
    await setting.said(RELOADED);
    expect(await setting.ask()).toBe(marked('2'));

    setting.write('common/mark.ts', markMethod('3'));
    setting.write('plugins/mark/index.ts', MARK_PLUGIN.replace('./mark.js', '../../common/mark.js'));
    await setting.said(RELOADED);
    setting.write('common/mark.ts', markMethod('4'));
    await setting.said(RELOADED);
    expect(await setting.ask()).toBe(marked('4'));

    renameSync(join(setting.home, 'plugins'), join(setting.home, 'elsewhere'));
    await setting.said(/^ {2}config\.yaml:3:10: plugins\[0\]\.use cannot be used: .* does not exist: /m);
    expect(await setting.ask()).toBe(marked('4'));
    setting.edit('elsewhere/mark/index.ts', (text) => `${text}// moved\n`);
    renameSync(join(setting.home, 'elsewhere'), join(setting.home, 'plugins'));
    await setting.said(RELOADED);
  });

  it('can be restored', async () => {
    const setting = await DevSetting.start();
    setting.write('plugins/mark/mark.ts', markMethod('2'));
    await setting.said(RELOADED);
    expect(await setting.ask()).toBe(marked('2'));
    setting.write('plugins/mark/mark.ts', markMethod('1'));
    await setting.said(RELOADED);
    expect(await setting.ask()).toBe(marked('1'));
  });
});

const JS_INDEX = `import { definePlugin, EspMethod, z } from 'esp-host';
import { mark } from './lib/mark.js';
import { at } from './lib/mark.js';
class Mark {
  handle() {
    return { Mark: mark + at };
  }
}
EspMethod('Test', 'Mark', { parameters: z.object({}), response: z.object({ Mark: z.string() }) })(Mark);
export default definePlugin({ name: 'mark', methods: [Mark] });
`;

const jsMark = (mark: string): string =>
  `import { readFileSync } from 'node:fs';
export const mark = '${mark}';
export const at = readFileSync(new URL('./at.txt', import.meta.url), 'utf8');
`;

const cjs = (text: string): string =>
  text
    .replaceAll(/^import (\{.*\}) from ('.*');$/gm, 'const $1 = require($2);')
    .replaceAll(/^export const (\w+) =/gm, 'exports.$1 =')
    .replace("new URL('./at.txt', import.meta.url)", "__dirname + '/at.txt'")
    .replace('export default', 'module.exports =');

describe('a plugin with a mock', () => {
  const MOCK = `import { defineMock, z } from 'esp-host';
export default defineMock({
  name: 'mark',
  settings: z.strictObject({}),
  start: async () => ({ env: {}, configure: () => undefined, reset: () => undefined }),
});
`;
  const plugin = MARK_PLUGIN.replace('methods: [Mark]', "methods: [Mark], mock: () => import('./mock.js')");

  it('is loaded once for the host and the mock, and again when it changes', async () => {
    const setting = await DevSetting.start({
      'platform.yaml': `${PLATFORM}upstreams: { mark: { plugin: ./plugins/mark } }\n`,
      'plugins/mark/index.ts': `${plugin}console.log('plugin loaded');\n`,
      'plugins/mark/mark.ts': markMethod('1'),
      'plugins/mark/mock.ts': MOCK,
    });
    const loads = (): number => setting.dev.stdout.split('plugin loaded').length - 1;
    expect([await setting.ask(), loads()]).toEqual([marked('1'), 1]);
    setting.write('plugins/mark/mark.ts', markMethod('2'));
    await setting.said(RELOADED);
    expect([await setting.ask(), loads()]).toEqual([marked('2'), 2]);
  });
});

describe('a plugin of JavaScript', () => {
  const manifest = (type: string, main: string): string => JSON.stringify({ name: 'mark', type, main });

  it.each<[string, string, (text: string) => string, string]>([
    ['as ES modules', '', (text) => text, manifest('module', 'index.js')],
    ['that was built into dist', 'dist/', (text) => text, manifest('module', 'dist/index.js')],
    ['as CommonJS', '', cjs, manifest('commonjs', 'index.js')],
  ])('is reloaded, %s', async (_name, below, written, packageJson) => {
    const setting = await DevSetting.start({
      'plugins/mark/package.json': packageJson,
      [`plugins/mark/${below}index.js`]: written(JS_INDEX),
      [`plugins/mark/${below}lib/mark.js`]: written(jsMark('1')),
      [`plugins/mark/${below}lib/at.txt`]: '!',
    });
    expect(await setting.ask()).toBe(marked('1!'));
    for (const mark of ['2', '3']) {
      setting.write(`plugins/mark/${below}lib/mark.js`, written(jsMark(mark)));
      await setting.said(RELOADED);
      expect(await setting.ask()).toBe(marked(`${mark}!`));
    }
    setting.write(`plugins/mark/${below}lib/mark.js`, written(`${jsMark('4')}\nexport const x = ;\n`));
    const file = `plugins/mark/${below}lib/mark.js`.replaceAll('.', '\\.');
    await setting.said(new RegExp(`^refused, .*\n  ${file}:5:\\d+: .*Unexpected`, 'm'));
    expect(await setting.ask()).toBe(marked('3!'));
    setting.write(`plugins/mark/${below}lib/mark.js`, written(jsMark('5')));
    await setting.said(RELOADED);
    expect(await setting.ask()).toBe(marked('5!'));
  });
});

describe('an error is reported with its location, and the previous version answers until it is fixed:', () => {
  const start = (text: string): string => MARK_PLUGIN.replace('[Mark]', `[Mark],\n  ${text}`);

  it.each<[string, string, string, RegExp, object]>([
    [
      'a syntax error',
      'plugins/mark/mark.ts',
      markMethod('2').replace("Mark: '2'", "Mark: '2"),
      /plugins\/mark\/mark\.ts:7:25: Unterminated string literal/,
      { file: 'plugins/mark/mark.ts', line: 7, column: 25, message: 'Unterminated string literal' },
    ],
    [
      'an import that leads nowhere',
      'plugins/mark/index.ts',
      `import './nowhere.js';\n${MARK_PLUGIN}`,
      /plugins\/mark\/index\.ts:1:8: Could not resolve "\.\/nowhere\.js"/,
      { line: 1, column: 8 },
    ],
    [
      'an exception on import',
      'plugins/mark/mark.ts',
      `${markMethod('2')}\nthrow new Error('no luck: {"password":"hunter2"}');\n`,
      /plugins\/mark\/mark\.ts:11:7: failed to load: no luck: {"password":"\*\*\*"}/,
      { file: 'plugins/mark/mark.ts', line: 11, column: 7 },
    ],
    [
      'no plugin',
      'plugins/mark/index.ts',
      'export const plugin = 1;\n',
      /config\.yaml:3:10: plugins\[0\]\.use cannot be used: .*index\.ts has no 'export default definePlugin/,
      { file: 'config.yaml', line: 3, column: 10 },
    ],
    [
      'a start that throws',
      'plugins/mark/index.ts',
      start("start() {\n    throw new Error('no database');\n  },"),
      /plugins\/mark\/index\.ts:5:11: plugin mark failed to start: no database/,
      { file: 'plugins/mark/index.ts', line: 5, column: 11 },
    ],
    [
      'a start that rejects with what says no place',
      'plugins/mark/index.ts',
      start("start: () => Promise.reject('no database redis://me:hunter2@db.example'),"),
      /config\.yaml:3:10: plugins\[0\]\.use cannot be used: plugin mark failed to start: no database redis:\/\/\*\*\*@db\.example\n/,
      { file: 'config.yaml', line: 3, column: 10 },
    ],
    [
      'a start that rejects outside of its code',
      'plugins/mark/index.ts',
      `import { readFile } from 'node:fs/promises';\n${start("start: () => readFile('nowhere').then(() => undefined),")}`,
      /config\.yaml:3:10: plugins\[0\]\.use cannot be used: plugin mark failed to start: ENOENT/,
      { file: 'config.yaml', line: 3, column: 10 },
    ],
    [
      'wrong options',
      'config.yaml',
      'application: { name: DMS }\nplugins:\n  - use: ./plugins/mark\n    options: { marc: 1 }\nlisteners: { esp: { port: 0 }, metrics: { port: 0 } }\n',
      /config\.yaml:4:16: unknown key plugins\[0\]\.options\.marc/,
      { file: 'config.yaml', line: 4, column: 16 },
    ],
    [
      'two plugins that claim one method',
      'config.yaml',
      'application: { name: DMS }\nplugins:\n  - use: ./plugins/mark\n  - use: ./plugins/mark/index.ts\nlisteners: { esp: { port: 0 }, metrics: { port: 0 } }\n',
      /config\.yaml:4:10: plugins\[1\]\.use .*claims Test\.Mark, as plugins\[0\]\.use .*: remove one of them/,
      { file: 'config.yaml', line: 4, column: 10 },
    ],
  ])('%s', async (_name, file, text, line, problem) => {
    const setting = await DevSetting.start();
    const client = await RawClient.open(setting.port);
    const ask = async () => outcome(await client.ask(request(1, 'Test', 'Mark')));
    const before = readFileSync(join(setting.home, file), 'utf8');
    setting.write(file, text);
    await setting.said(new RegExp(`^refused, the previous version keeps running:\n  ${line.source}`, 'm'));
    expect(await ask()).toBe(marked('1'));
    expect(await setting.reload()).toMatchObject({ following: true, last: { kind: 'refused', problems: [problem] } });

    setting.write(file, before);
    await setting.said(/^(reloaded \.\/plugins\/mark in \d+ ms: Test\.Mark|restored: the files match what runs)$/m);
    expect((await setting.reload()).last.kind).toBe('applied');
    setting.write('plugins/mark/mark.ts', markMethod('3'));
    await setting.said(RELOADED);
    expect(await ask()).toBe(marked('3'));
    await client.close();
  });
});

it('applies changes of config.yaml, and keeps connections if the listener moves', async () => {
  const setting = await DevSetting.start();
  const client = await RawClient.open(setting.port);
  const old = setting.port;
  setting.port = await freePort();
  setting.edit('config.yaml', (text) => text.replace('esp: { port: 0 }', `esp: { port: ${setting.port} }`));
  await setting.said(/^reloaded the configuration in \d+ ms$/m);
  expect(await setting.ask()).toBe(marked('1'));
  expect(outcome(await client.ask(request(1, 'Test', 'Mark')))).toBe(marked('1'));
  await expect(RawClient.open(old)).rejects.toThrow('ECONNREFUSED');
  setting.edit('config.yaml', (text) => text.replace('plugins:\n', 'plugins:\n  - use: ./plugins/late\n'));
  await setting.said(/config\.yaml:3:10: plugins\[0\]\.use cannot be used: .* does not exist/);
  mkdirSync(join(setting.home, 'plugins/late'));
  setting.write('plugins/late/index.ts', MARK_PLUGIN.replaceAll('Mark', 'Late').replaceAll('mark', 'late'));
  setting.write('plugins/late/late.ts', markMethod('late', 'Late'));
  await setting.said(/^reloaded \.\/plugins\/late in \d+ ms: new Test\.Late$/m);
  expect(await setting.ask('Late')).toBe(marked('late'));
  await client.close();
});

describe('types', () => {
  const TSCONFIG = { compilerOptions: { strict: true, module: 'nodenext', types: [], noEmit: true } };

  /** A compiler that never ends while its parent runs. */
  const HANGING = `require('node:fs').writeFileSync(__dirname + '/pid', String(process.pid));
const parent = process.ppid;
setInterval(() => process.ppid === parent || process.exit(), 100);
`;

  /** A compiler that reports an error in files with the text WRONG. */
  const FINDING = `const { readFileSync } = require('node:fs');
const [, , , config, ...options] = process.argv;
const file = config.replace('tsconfig.json', 'mark.ts');
if (!options.includes('--noEmit')) throw new Error(options.join(' '));
if (readFileSync(file, 'utf8').includes('WRONG')) {
  console.log('plugins/mark/mark.ts(7,14): error TS2322: Type \\'string\\' is not assignable.\\n  More of it.');
  process.exitCode = 2;
}
`;

  const withCompiler = (compiler: string): Promise<DevSetting> =>
    DevSetting.start({
      'node_modules/typescript/package.json': JSON.stringify({ name: 'typescript', bin: { tsc: './tsc.js' } }),
      'node_modules/typescript/tsc.js': compiler,
      'plugins/mark/tsconfig.json': JSON.stringify(TSCONFIG),
      'plugins/mark/index.ts': MARK_PLUGIN,
      'plugins/mark/mark.ts': markMethod('1'),
    });

  it('are checked after a reload, and errors are printed with their location until they are fixed', async () => {
    const setting = await withCompiler(FINDING);
    setting.write('plugins/mark/mark.ts', markMethod('WRONG'));
    await setting.said(RELOADED);
    await setting.said(
      /^types:\n {2}plugins\/mark\/mark\.ts:7:14: error TS2322: Type 'string' is not assignable\.\n {4}More of it\.$/m,
    );
    setting.write('plugins/mark/mark.ts', markMethod('right'));
    await setting.said(RELOADED);
    await setting.said(/^types: no errors$/m);
  });

  it('do not delay a reload, and leave no compiler behind', async () => {
    const setting = await withCompiler(HANGING);
    const pidFile = join(setting.home, 'node_modules/typescript/pid');
    const pid = (): number => {
      try {
        return Number(readFileSync(pidFile, 'utf8'));
      } catch {
        return 0;
      }
    };
    const lives = (id: number): boolean => {
      try {
        return process.kill(id, 0);
      } catch {
        return false;
      }
    };
    await until(() => pid() > 0);
    const first = pid();
    setting.write('plugins/mark/mark.ts', markMethod('2'));
    await setting.said(RELOADED);
    expect(await setting.ask()).toBe(marked('2'));
    await until(() => pid() !== first && pid() > 0 && !lives(first));
    const second = pid();
    expect((await setting.dev.kill('SIGTERM')).code).toBe(0);
    await until(() => !lives(second));
  });

  it('are not checked, with a line, without tsconfig.json or TypeScript', async () => {
    const setting = await DevSetting.start();
    await setting.said(/^types are not checked: no tsconfig\.json in .*plugins\/mark or above$/m);
    const other = await DevSetting.start({
      'plugins/mark/tsconfig.json': '{}',
      'plugins/mark/index.ts': MARK_PLUGIN,
      'plugins/mark/mark.ts': markMethod('1'),
    });
    await other.said(/^types are not checked: TypeScript is not installed \(npm install --save-dev typescript\)$/m);
    await setting.dev.kill('SIGTERM');
  });
});

it('survives unhandled rejections and uncaught exceptions of a plugin', async () => {
  const setting = await DevSetting.start();
  setting.write(
    'plugins/mark/mark.ts',
    `${markMethod('1')}\nsetTimeout(() => { throw new Error('uncaught https://me:hunter2@ledger.example/'); });\n`,
  );
  await setting.said(
    /^uncaught exception: uncaught https:\/\/\*\*\*@ledger\.example\/\nError: uncaught https:\/\/\*\*\*@ledger\.example\/\n +at .*plugins\/mark\/mark\.ts:11:26/m,
  );
  setting.write(
    'plugins/mark/mark.ts',
    `${markMethod('2')}\nvoid Promise.reject(new Error('forgotten Bearer hunter2hunter2'));\n`,
  );
  await setting.said(/unhandled promise rejection: forgotten Bearer \*\*\*\n/);
  expect(await setting.ask()).toBe(marked('2'));
});

it('esp-host mock survives an unhandled rejection of a plugin', async () => {
  const forgets = "void Promise.reject(new Error('forgotten Bearer hunter2hunter2'));";
  const files = { 'plugins/mark/index.ts': MARK_PLUGIN, 'plugins/mark/mark.ts': `${markMethod('1')}\n${forgets}\n` };
  const setting = await DevSetting.start(files, 'mock');
  await setting.said(/unhandled promise rejection: forgotten Bearer \*\*\*\n/);
  expect(await setting.ask()).toBe(marked('1'));
});
