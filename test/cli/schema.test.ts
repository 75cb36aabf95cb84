import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { file, folder, ROOT, removeFolders } from '../support/files.js';
import { fits } from '../support/json-schema.js';
import { type Ended, Program } from '../support/processes.js';

afterAll(removeFolders);

const run = (words: readonly string[], cwd = ROOT): Promise<Ended> =>
  new Program(['schema', ...words], { cwd }).ended();

const CONFIG = readFileSync(join(ROOT, 'config.yaml'), 'utf8');

let schema: Record<string, unknown>;
beforeAll(async () => {
  schema = JSON.parse((await run([])).stdout);
});

describe("the project's own", () => {
  it('config.yaml fits', () => expect(fits(schema, parse(CONFIG))).toBe(true));

  it('config.schema.json is what esp-host schema writes, and config.yaml names it', () => {
    expect(JSON.parse(readFileSync(join(ROOT, 'config.schema.json'), 'utf8'))).toEqual(schema);
    expect(CONFIG).toMatch(/^# yaml-language-server: \$schema=\.\/config\.schema\.json\n/);
  });
});

describe('config.yaml', () => {
  const changed = (from: string | RegExp, to: string): string => {
    const text = CONFIG.replace(from, to);
    expect(text).not.toBe(CONFIG);
    return text;
  };

  it.each([
    ['port: 7120', 'port: "${PORT:-7120}"'],
    ['level: info', 'level: "${LEVEL}"'],
    ['"+919876543210"', '"${NUMBER}"'],
    [/ {4}options: \{\}\n/, ''],
    [/password: "[^"]*"/, 'password: { file: /run/secrets/whatsapp }'],
    [/contacts:\n(?: {6}.*\n)+/, 'contacts: { driver: number-plan }\n'],
    ['use: ./plugins/messaging', 'use: ./plugins/other'],
    [/channels:\n(?: {2}.*\n)+/, ''],
  ])('may have %s as %s', (from, to) => expect(fits(schema, parse(changed(from, to)))).toBe(true));

  it.each([
    ['port: 7120', 'prot: 7120'],
    ['port: 7120', 'port: 70000'],
    ['port: 7120', 'port: "7120"'],
    ['level: info', 'level: loud'],
    ['name: DMS', 'nmae: DMS'],
    ['"+919876543210"', '"9876543210"'],
    ['type: whatsapp', 'type: whatsup'],
    ['driver: on-premises', 'driver: premises'],
    ['driver: on-premises', 'driver: gateway'],
    ['username: admin', 'user: admin'],
    ['options: {}', 'options: { none: 1 }'],
    ['options: {}', 'option: {}'],
    ['use: ./plugins/messaging', 'used: ./plugins/messaging'],
    ['deadlineMs: 10000', 'deadlineMs: 0'],
    ['\nlimits:', '\nlimit:'],
  ])('may not have %s as %s', (from, to) => expect(fits(schema, parse(changed(from, to)))).toBe(false));
});

describe('esp-host schema --out', () => {
  const greeting = join(ROOT, 'test/fixtures/plugins/greeting');
  const config = `# mine\nplugins: [{ use: ${greeting} }]\nnonsense: 1\n`;

  it('writes the schema and names it in the config, which may be wrong elsewhere', async () => {
    const home = folder();
    const path = file('config.yaml', config, home);
    expect(await run(['--out', 'host.json'], home)).toEqual({
      code: 0,
      stdout: 'wrote host.json\nchanged config.yaml\n',
      stderr: '',
    });
    expect(readFileSync(path, 'utf8')).toBe(`# yaml-language-server: $schema=./host.json\n${config}`);
    const own = JSON.parse(readFileSync(join(home, 'host.json'), 'utf8'));
    const entry = (options: object) => ({ application: { name: 'A' }, plugins: [{ use: greeting, options }] });
    expect(fits(own, entry({ mark: '?' }))).toBe(true);
    expect(fits(own, entry({ mark: 1 }))).toBe(false);
    expect(fits(own, entry({ mrak: '?' }))).toBe(false);
    expect(await run(['--out', 'host.json'], home)).toMatchObject({ stdout: 'wrote host.json\n' });
  });

  it('names another file in place of the one before', async () => {
    const home = folder();
    const path = file('config.yaml', `# yaml-language-server: $schema=./old.json\n${config}`, home);
    await run(['--out', 'new.json'], home);
    expect(readFileSync(path, 'utf8')).toBe(`# yaml-language-server: $schema=./new.json\n${config}`);
  });

  it('says why a file cannot be written', async () => {
    const home = folder();
    const path = file('config.yaml', config, home);
    const { code, stderr } = await run(['--out', 'none/schema.json'], home);
    expect({ code, config: readFileSync(path, 'utf8') }).toEqual({ code: 1, config });
    expect(stderr).toMatch(/^cannot be written: ENOENT.*none\/schema\.json'\n$/);
  });
});
