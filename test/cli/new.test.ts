import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { file, folder, removeFolders } from '../support/files.js';
import { npmProject } from '../support/npm-project.js';
import type { Ended } from '../support/processes.js';
import { runCommand } from '../support/run-command.js';

afterAll(removeFolders);

const made = (cwd: string, words: readonly string[], input = ''): Promise<Ended> =>
  runCommand(['new', ...words], { cwd, input });

const text = (home: string, path: string): string => readFileSync(join(home, path), 'utf8');

describe('esp-host new method', () => {
  it('prints the files and the next steps', async () => {
    const home = npmProject();
    const { code, stdout, stderr } = await made(home, [
      'method',
      'Billing.GetBalance',
      '--parameter',
      'Account',
      '--yes',
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(
      [
        'wrote plugins/billing/index.ts',
        'wrote plugins/billing/tsconfig.json',
        'wrote plugins/billing/package.json',
        'wrote config.yaml',
        'wrote plugins/billing/get-balance.ts',
        'wrote plugins/billing/get-balance.test.ts',
        'wrote tsconfig.json',
        'wrote jest.config.mjs',
        'changed package.json',
        '',
        'Next:',
        '  npm install',
        '  implement it in plugins/billing/get-balance.ts',
        '  npm test',
        '  npx esp-host dev   (reloads the plugin when you save it)',
        '  npx esp-host send Billing GetBalance Account=someAccount   (in another terminal)',
        '  npx tsc -p plugins/billing   (before npx esp-host serve)',
        '',
      ].join('\n'),
    );
  });

  it('prompts for what is missing, and again after an invalid answer', async () => {
    const home = npmProject();
    const answers = 'Account:text\nAccount\nAccount:int\nCount:int?\n \t\n Balance \n';
    const { code, stderr } = await made(home, ['method', 'Billing.GetBalance'], answers);
    expect(code).toBe(0);
    const form = 'name:type, where type is string, int, list, binary; append [] for a repeated key, ? if optional';
    expect(stripVTControlCharacters(stderr).replaceAll(/> |\r/g, '').split('\n')).toEqual([
      `Parameters of Billing.GetBalance, one per line (${form}). An empty line ends the list.`,
      `'Account:text' has the unknown type 'text': expected ${form}`,
      'duplicate parameter Account',
      `Parameters of the response, one per line (${form}). An empty line ends the list.`,
      '',
    ]);
    const source = text(home, 'plugins/billing/get-balance.ts');
    expect(source).toContain('  Account: z.string(),\n  Count: z.int().optional(),\n});');
    expect(source).toContain('  Balance: z.string(),\n});');
  });

  it('prompts only for the list that is not given, and for none with --yes', async () => {
    const asked = async (...words: string[]) => {
      const { code, stderr } = await made(npmProject(), ['method', 'Billing.GetBalance', ...words], 'Other\n');
      expect(code).toBe(0);
      return stderr.match(/Parameters of [\w. ]+/g);
    };
    expect(await asked('--parameter', 'Account')).toEqual(['Parameters of the response']);
    expect(await asked('--response', 'Balance')).toEqual(['Parameters of Billing.GetBalance']);
    expect(await asked('--parameter', 'Account', '--response', 'Balance')).toBeNull();
    expect(await asked('--yes')).toBeNull();
  });

  it('has parameters and a response as they are given', async () => {
    const home = npmProject();
    const fields = ['--parameter', 'A', '--parameter', 'B:int', '--response', 'Rate:int', '--response', 'C'];
    expect((await made(home, ['method', 'Billing.Rate', ...fields, '--channel', 'sms-1_a'])).code).toBe(0);
    const source = text(home, 'plugins/billing/rate.ts');
    expect(source).toContain('const parameters = z.object({\n  A: z.string(),\n  B: z.int(),\n});');
    expect(source).toContain('const response = z.object({\n  Rate: z.int(),\n  C: z.string(),\n});');
    expect(source).toContain('  channel: sms1AChannel,\n');
    expect(source).toContain('export class RateMethod ');
  });

  it('brings a new channel type, with a channel and a mock', async () => {
    const home = npmProject();
    const { code, stdout } = await made(home, ['method', 'Crm.Get', '--channel', 'crm', '--yes']);
    expect(code).toBe(0);
    expect(stdout).toContain('  set CRM_URL, which config.yaml reads the URL of the upstream from\n');
    expect(text(home, 'plugins/crm/mock.ts')).toContain('env: { CRM_URL: url }');
    expect(parse(text(home, 'config.yaml')).channels.crm.type).toBe('crm');
    const checked = await runCommand(['check', '--typescript'], { cwd: home });
    expect(checked.stdout).toBe('config.yaml is valid: Own (type 23), channels crm, methods Crm.Get\n');

    const again = await made(home, ['method', 'Crm.Put', '--channel', 'crm', '--yes']);
    expect(again.stdout).toContain('  channel type crm exists already in crm-channel.ts: give its keys to');
    expect(text(home, 'plugins/crm/put.ts')).toContain('  channel: crmChannel,\n');

    const other = await made(home, ['method', 'Mail.Send', '--channel', 'crm', '--yes']);
    expect(other.stdout).toContain('  channel type crm is that of ./plugins/crm: its methods read');
    expect(other.stdout).not.toContain('add a channel');
    expect(text(home, 'plugins/mail/send.ts')).toContain("  channel: 'crm',\n");
    file('config.yaml', 'application: { name: Own }\nplugins: [{ use: ./plugins/crm }]\n', home);
    const without = await made(home, ['method', 'Sms.Send', '--channel', 'crm', '--yes']);
    expect(without.stdout).toContain('  add a channel of type crm to config.yaml\n');
  });

  it('explains how to add a channel type to an unusual index.ts, and refuses one file for two things', async () => {
    const home = npmProject();
    mkdirSync(join(home, 'plugins/crm'), { recursive: true });
    file('index.ts', 'export default plugin;\n', join(home, 'plugins/crm'));
    const { stdout } = await made(home, ['method', 'Crm.Get', '--channel', 'crm', '--yes']);
    expect(stdout).toContain('  add crmChannel from ./crm-channel.js to the channels of plugins/crm/index.ts\n');
    expect(existsSync(join(home, 'plugins/crm/mock.ts'))).toBe(false);
    const { stderr } = await made(home, ['method', 'A.SmsChannel', '--channel', 'sms', '--yes']);
    expect(stderr).toBe('sms-channel.ts would be the file of both A.SmsChannel and its channel type\n');
  });

  it('makes a plugin with its first method', async () => {
    const home = npmProject();
    const { stdout } = await made(home, ['plugin', 'my-billing', 'Billing.Get', '--config', 'own.yaml', '--yes']);
    expect(stdout).toContain('wrote plugins/my-billing/get.ts\n');
    expect(text(home, 'plugins/my-billing/index.ts')).toContain('methods: [Get]');
    expect(parse(text(home, 'own.yaml'))).toMatchObject({ application: { name: 'Own', type: 23 } });
    expect(text(home, 'plugins/my-billing/package.json')).toBe('{\n  "private": true,\n  "type": "module"\n}\n');
  });

  it('treats the end of stdin as the end of every list', async () => {
    const home = npmProject();
    const { code, stderr } = await made(home, ['method', 'Billing.GetBalance'], '');
    expect({ code, stack: /^ +at /m.test(stderr) }).toEqual({ code: 0, stack: false });
    expect(text(home, 'plugins/billing/get-balance.ts')).toContain('  Result: z.string(),\n});');
  });

  it.each(['', 'Account\n', 'Account\n\n'])('writes nothing after Ctrl-D, after %j', async (input) => {
    const home = npmProject();
    const { code, stdout, stderr } = await runCommand(['new', 'method', 'A.B'], { cwd: home, input, isTTY: true });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/\ncancelled; an empty line ends a list, --yes skips the prompts\n$/);
    expect(existsSync(join(home, 'plugins'))).toBe(false);
  });

  it('says in one line that a folder cannot be written', async () => {
    const home = npmProject();
    file('plugins', '', home);
    const { code, stdout, stderr } = await made(home, ['method', 'A.B', '--yes']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^cannot write plugins\/a\/index\.ts: E[A-Z]+: [^\n]*\n$/);
  });

  it('extends a plugin, and keeps the files of the project', async () => {
    const home = npmProject({ type: 'module', scripts: { test: 'own' } });
    file('tsconfig.json', '{}', home);
    expect((await made(home, ['plugin', 'billing', '--yes'])).stdout).toMatch(
      /new method Service.Method --plugin billing/,
    );
    const { code, stdout } = await made(home, ['method', 'Invoices.Send', '--plugin', 'billing', '--yes']);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^changed plugins\/billing\/index.ts\nwrote plugins\/billing\/send.ts\nwrote [^\n]*\n\nNext:\n {2}implement/,
    );
    expect(text(home, 'plugins/billing/index.ts')).toContain('methods: [Send]');
    expect(text(home, 'plugins/billing/send.ts')).toContain('const response = z.object({\n  Result: z.string(),\n});');
    expect(text(home, 'config.yaml').match(/use:/g)).toHaveLength(1);
    expect(text(home, 'tsconfig.json')).toBe('{}');
    expect(existsSync(join(home, 'jest.config.mjs'))).toBe(false);
  });

  it('explains how to edit an unusual index.ts', async () => {
    const home = npmProject();
    mkdirSync(join(home, 'plugins/billing'), { recursive: true });
    file('index.ts', 'export default plugin;\n', join(home, 'plugins/billing'));
    const { stdout } = await made(home, ['method', 'Billing.Get', '--yes']);
    expect(stdout).toContain('  add Get from ./get.js to the methods of plugins/billing/index.ts\n');
    expect(text(home, 'plugins/billing/index.ts')).toBe('export default plugin;\n');
  });

  it('writes nothing if a file exists', async () => {
    const home = npmProject();
    mkdirSync(join(home, 'plugins/billing'), { recursive: true });
    file('get.test.ts', 'mine', join(home, 'plugins/billing'));
    expect(await made(home, ['method', 'Billing.Get', '--yes'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'plugins/billing/get.test.ts already exists\n',
    });
    expect(existsSync(join(home, 'config.yaml'))).toBe(false);
    expect(text(home, 'plugins/billing/get.test.ts')).toBe('mine');
  });

  it.each([
    [['method', 'Billing'], /^'Billing' is not a method: /],
    [['method', 'A.B', '--plugin', 'A B'], /^'A B' is not a plugin name/],
    [['method', 'A.B', '--parameter', 'x:y', '--yes'], /has the unknown type 'y'/],
    [['method', 'A.B', '--channel', "o'hara"], /Expected letters, digits, _ and hyphens\./],
    [['method', 'A.B', '--channel', "'sms"], /Expected letters/],
    [['method', 'A.B', '--channel', "sms'"], /Expected letters/],
    [['method', 'A.B', '--channel', ''], /Expected letters/],
    [['plugin', 'billing', '--response', 'x'], /^--parameter and --response require a method: add Service\.Method\n$/],
    [['method', 'A.B', '--app-name', ' '], /Expected a name/],
    ...['A\nB', 'A\tB', 'A\u202eB', 'A\u2028B'].map((name): [string[], RegExp] => [
      ['method', 'A.B', '--app-name', name],
      /Expected a name without line breaks and invisible characters/,
    ]),
    [['method', 'A.B', '--app-type', 'SocialMS'], /Expected a whole number from 1 to 2147483647/],
    [['plugin', 'billing', '--parameter', 'x'], /^--parameter and --response require a method/],
  ])('%j ends with 1', async (words, message) => {
    const { code, stdout, stderr } = await made(npmProject(), words);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it('names the application in a new config.yaml only', async () => {
    const home = npmProject();
    const words = ['method', 'A.B', '--app-name', 'Billing Server', '--app-type', '171', '--yes'];
    expect((await made(home, words)).code).toBe(0);
    const written = text(home, 'config.yaml');
    expect(parse(written)).toEqual({
      application: { name: 'Billing Server', type: 171 },
      plugins: [{ use: './plugins/a' }],
    });
    for (const option of ['--app-name=Own', '--app-type=23']) {
      expect(await made(home, ['plugin', 'other', option, '--yes'])).toEqual({
        code: 1,
        stdout: '',
        stderr: '--app-name and --app-type require a new config.yaml, but it already exists\n',
      });
    }
    expect(text(home, 'config.yaml')).toBe(written);
  });

  it('requires a project, and a new plugin', async () => {
    expect((await made(folder(), ['method', 'A.B', '--yes'])).stderr).toMatch(/^no package.json found: /);
    const home = npmProject();
    await made(home, ['plugin', 'billing', '--yes']);
    expect((await made(home, ['plugin', 'billing'])).stderr).toBe('plugin billing already exists\n');
  });
});
