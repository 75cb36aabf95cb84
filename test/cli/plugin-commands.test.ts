import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { file, folder, ROOT, removeFolders } from '../support/files.js';
import { killPrograms, Program } from '../support/processes.js';
import { runCommand } from '../support/run-command.js';

afterEach(killPrograms);
afterAll(removeFolders);

const ORDERS = join(ROOT, 'test/fixtures/plugins/orders');

const CONFIG = `
application: { name: Shop }
plugins: [{ use: ${ORDERS}, options: { shop: corner } }]
state: { file: ./state.db }
`;

const run = (words: readonly string[], cwd: string) => runCommand(words, { cwd });
const shop = (config = CONFIG): string => {
  const cwd = folder();
  file('config.yaml', config, cwd);
  return cwd;
};

describe('the commands of a plugin', () => {
  it('are listed', async () => {
    const cwd = shop();
    expect(await run(['commands'], cwd)).toEqual({
      code: 0,
      stdout: [
        'orders add   Add an order.',
        'orders list  List the orders of a customer.',
        'orders wait  Wait until it is interrupted.',
        'broken       Fail.',
        '',
      ].join('\n'),
      stderr: '',
    });
    const { stdout } = await run(['commands', '--json'], cwd);
    expect(JSON.parse(stdout)[0]).toEqual({ name: 'orders add', summary: 'Add an order.', plugin: 'orders' });
    expect((await run(['orders', '--help'], cwd)).stdout).toMatch(/Commands of plugin orders\..*add .*list .*wait /s);
  });

  it('are none if no plugin has any', async () => {
    const cwd = shop('application: { name: Shop }\n');
    expect(await run(['commands'], cwd)).toEqual({ code: 0, stdout: 'the plugins add no commands\n', stderr: '' });
    expect(await run(['commands', '--json'], cwd)).toEqual({ code: 0, stdout: '[]\n', stderr: '' });
    expect(await run(['commands', '--config', 'none.yaml'], cwd)).toEqual({
      code: 1,
      stdout: '',
      stderr: 'none.yaml:1:1: no such file: create it, or name another\n',
    });
  });

  it.each([
    [['--version'], 0],
    [['help', 'serve'], 0],
    [['help'], 0],
    [['check', '--help'], 0],
    [['--nonsense'], 1],
    [[], 1],
  ])('are not loaded for %j', async (words, code) => {
    const ran = await run(words, shop('nothing: 1\n'));
    expect(ran.code).toBe(code);
    expect(ran.stderr).not.toContain('the commands of plugins are unknown');
  });

  it('take options and arguments, and work with the state, options and channels of the plugin', async () => {
    const cwd = shop();
    const words = ['17', '--customer', 'Ada', '--item', 'pen', '--item', 'ink', '--is-paid', '--keep-days', '3'];
    expect(await run(['orders', 'add', ...words], cwd)).toEqual({
      code: 0,
      stdout: 'added 17 to corner\n',
      stderr: '',
    });
    const other = await run(['orders', 'add', '--kind=repeated', '18', '--customer=Ada', '--json'], cwd);
    expect(JSON.parse(other.stdout)).toEqual({ id: '18', shop: 'corner', kind: 'repeated', keepDays: 7, channels: 0 });
    expect(await run(['orders', 'list', 'Ada'], cwd)).toMatchObject({ stdout: 'ID  ITEMS\n18\n17  pen ink\n' });
    const { stdout } = await run(['orders', 'list', 'Ada', '--config', join(cwd, 'config.yaml'), '--json'], ROOT);
    expect(JSON.parse(stdout)).toEqual([
      { id: '18', items: '' },
      { id: '17', items: 'pen ink' },
    ]);
  });

  it('have a help made from their input', async () => {
    const { code, stdout } = await run(['orders', 'add', '--help'], shop());
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Usage: esp-host orders add \[options\] <id>\n\nAdd an order\./);
    expect(stdout).toMatch(/ id +number of the order\n/);
    expect(stdout).toMatch(/--customer <text> +name of the customer\n/);
    expect(stdout).toMatch(/--item <text> +what is ordered \(repeatable\)\n/);
    expect(stdout).toMatch(/--is-paid +whether it is paid\n/);
    expect(stdout).toMatch(/--keep-days <n> +how long to keep it \(default: 7\)\n/);
    expect(stdout).toMatch(/--kind <text> +kind of the order \(choices: "new", "repeated", default:\s+"new"\)/);
    expect(stdout).toMatch(/--json .*A command of plugin orders\. Exit code: 0, or 1 if it failed\./s);
    const help = (await run(['help', 'broken'], shop())).stdout;
    expect(help).toContain('Usage: esp-host broken [options]\n\nFail.\n');
    expect(help).toMatch(/--config <file> .*\(default:\s+"config\.yaml"\)/s);
    expect(help).toMatch(/\n\nA command of plugin orders\. Exit code: 0, or 1 if it failed\.\n$/);
    expect((await run(['orders', '--help'], shop())).stdout).toMatch(/^Usage: esp-host orders /);
  });

  it('mask phone numbers as the log does, and print no control characters', async () => {
    const cwd = shop();
    await run(['orders', 'add', '1', '--customer', 'Ada', '--item', '+16315551002', '--item', 'a\u001b[2Jb'], cwd);
    expect((await run(['orders', 'list', 'Ada'], cwd)).stdout).toContain('1   +********002 a\ufffd[2Jb\n');
    file('shown.yaml', `${CONFIG}logging: { phoneNumbers: shown }\n`, cwd);
    const { stdout } = await run(['orders', 'list', 'Ada', '--config=shown.yaml'], cwd);
    expect(stdout).toContain('+16315551002');
  });

  it('are told when they are interrupted', async () => {
    const program = new Program(['orders', 'wait'], { cwd: shop() });
    await program.said(/waiting/);
    await program.kill('SIGINT');
    expect(await program.ended()).toMatchObject({ code: 0, stdout: 'interrupted\n' });
  });
});

describe('a command fails', () => {
  it.each([
    ['with what it says', ['orders', 'list', 'Bob'], /^no customer Bob\n$/],
    ['with a defect, without its stack', ['broken'], /^broken failed: a defect\n$/],
    ['without a required option', ['orders', 'add', '1'], /required option '--customer <text>' not specified/],
    ['with no number', ['orders', 'add', '1', '--keep-days', 'x'], /argument 'x' is invalid\. Expected a number\./],
    ['with another choice', ['orders', 'add', '1', '--kind', 'x'], /Allowed choices are new, repeated\./],
    [
      'with what the schema refuses',
      ['orders', 'add', '1', '--customer', 'a', '--keep-days', '31'],
      /^error: option '--keep-days' is invalid: Too big.*\n\(add --help for usage\)\n$/,
    ],
    [
      'with a wrong argument',
      ['orders', 'add', 'x', '--customer', 'a'],
      /^error: argument 'id' is invalid: not a number/,
    ],
    ['with a similar name', ['orders', 'lst'], /unknown command 'lst'\n\(Did you mean list\?\)/],
    ['with a similar group', ['order', 'list'], /unknown command 'order'\n\(Did you mean orders\?\)/],
  ])('%s', async (_why, words, text) => {
    const { code, stdout, stderr } = await run(words, shop());
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(text);
  });

  it('without state in the configuration', async () => {
    const cwd = shop(CONFIG.replace(/state:.*/, ''));
    expect(await run(['orders', 'list', 'Ada'], cwd)).toMatchObject({
      code: 1,
      stderr: 'the configuration has no state: set state\n',
    });
  });

  it('with the reason if the configuration cannot be used', async () => {
    const cwd = shop(`${CONFIG}nothing: 1\n`);
    const invalid = await run(['orders', 'list', 'Ada'], cwd);
    expect(invalid.code).toBe(1);
    expect(invalid.stderr).toMatch(
      /^the commands of plugins are unknown: config\.yaml:\d+:1: .*nothing.*\nerror: unknown command 'orders'/s,
    );
    const missing = await run(['orders', 'list', '--config', 'missing.yaml'], cwd);
    expect(missing.stderr).toMatch(/^the commands of plugins are unknown: .*missing\.yaml/);
  });

  it.each([
    ['a built-in command has its name', 'serve it', /esp-host has a command 'serve'/],
    ['it is below another command', 'broken again', /'broken' is a command, and cannot have others below it/],
    ['another plugin has it', 'broken', /claims command 'broken', as plugins\[0\]\.use \(plugin orders\) does/],
  ])('if %s', async (_why, name, text) => {
    const cwd = shop(CONFIG.replace(/ }]/, ' }, { use: ./other }]'));
    const code = `import { defineCommand, definePlugin, z } from 'esp-host';
      const one = defineCommand({ name: '${name}', summary: '', input: z.strictObject({}), run() {}, text: () => '' });
      export default definePlugin({ name: 'other', methods: [], commands: [one] });`;
    const other = join(cwd, 'other');
    mkdirSync(other);
    file('index.ts', code, other);
    const { code: exit, stderr } = await run(['commands'], cwd);
    expect(exit).toBe(1);
    expect(stderr).toMatch(text);
  });
});
