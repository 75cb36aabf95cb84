import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { withPlugin } from '../../../src/cli/new/config-file.js';
import { loadConfig } from '../../../src/config/index.js';
import { ON_PREMISES, ROOT, removeFolders } from '../../support/files.js';
import { fits } from '../../support/json-schema.js';
import { Program } from '../../support/processes.js';

/** config.yaml as it comes along, with plugins/messaging. */

afterAll(removeFolders);

const CONFIG = readFileSync(join(ROOT, 'config.yaml'), 'utf8');

let schema: Record<string, unknown>;
beforeAll(async () => {
  schema = JSON.parse((await new Program(['schema']).ended()).stdout);
});

describe("the project's own", () => {
  it('config.yaml is valid', () => {
    const { config } = loadConfig(join(ROOT, 'config.yaml'), {});
    expect(config.application.name).toBe('DMS');
    expect(config.plugins.map(({ use }) => use)).toContain('./plugins/messaging');
  });

  it('config.yaml has no warnings', async () => {
    const { code, stdout, stderr } = await new Program(['check']).ended();
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^config\.yaml is valid: DMS \(type 171\), channels whatsapp, methods [\w., ]+\n$/);
  });

  it('config.yaml accepts another plugin, and is otherwise unchanged', () => {
    const added = withPlugin('config.yaml', CONFIG, './plugins/new');
    expect(added.replace('  - use: ./plugins/new\n', '')).toBe(CONFIG);
    expect(added).not.toBe(CONFIG);
  });

  it('config.yaml matches the schema', () => expect(fits(schema, parse(CONFIG))).toBe(true));

  it('config.yaml names config.schema.json', () => {
    expect(CONFIG).toMatch(/^# yaml-language-server: \$schema=\.\/config\.schema\.json\n/);
  });
});

function changed(config: string, from: string | RegExp, to: string): string {
  const text = config.replace(from, to);
  expect(text).not.toBe(config);
  return text;
}

describe('config.yaml', () => {
  it.each([
    ['port: 7120', 'port: "${PORT:-7120}"'],
    ['level: info', 'level: "${LEVEL}"'],
    ['"+919876543210"', '"${NUMBER}"'],
    [/ {4}options: \{\}\n/, ''],
    [/token: "[^"]*"/, 'token: { file: /run/secrets/whatsapp }'],
    [/contacts:.*\n(?: {6}.*\n)+/, 'contacts: { from: number-plan }\n'],
    [/api:.*\n(?: {6}.*\n)+/, 'api: { driver: none }\n'],
    ['use: ./plugins/messaging', 'use: ./plugins/other'],
    [/channels:\n(?: {2}.*\n)+/, ''],
    [/ {2}webhooks: .*\n/, ''],
    [/state: .*\n/, ''],
  ])('may have %s as %s', (from, to) => expect(fits(schema, parse(changed(CONFIG, from, to)))).toBe(true));

  it.each([
    ['port: 7120', 'prot: 7120'],
    ['port: 7120', 'port: 70000'],
    ['port: 7120', 'port: "7120"'],
    ['level: info', 'level: loud'],
    ['name: DMS', 'nmae: DMS'],
    ['"+919876543210"', '"9876543210"'],
    ['type: whatsapp', 'type: whatsup'],
    ['driver: cloud', 'driver: clod'],
    ['driver: cloud', 'driver: gateway'],
    ['phoneNumberId:', 'phoneId:'],
    ['from: evidence', 'from: contacts'],
    ['options: {}', 'options: { none: 1 }'],
    ['options: {}', 'option: {}'],
    ['use: ./plugins/messaging', 'used: ./plugins/messaging'],
    ['deadlineMs: 10000', 'deadlineMs: 0'],
    ['\nlimits:', '\nlimit:'],
    ['\nstate:', '\nstat:'],
  ])('may not have %s as %s', (from, to) => expect(fits(schema, parse(changed(CONFIG, from, to)))).toBe(false));
});

describe('a config.yaml with the On-Premises API', () => {
  const config = readFileSync(ON_PREMISES.config, 'utf8').replaceAll('../../../', './');

  it('matches the schema', () => expect(fits(schema, parse(config))).toBe(true));

  it.each([
    [/password: "[^"]*"/, 'password: { file: /run/secrets/whatsapp }'],
    [/contacts:\n(?: {6}.*\n)+/, 'contacts: { from: number-plan }\n'],
    [/api:\n(?: {6}.*\n)+/, 'api: { driver: none }\n'],
  ])('may have %s as %s', (from, to) => expect(fits(schema, parse(changed(config, from, to)))).toBe(true));

  it.each([
    ['driver: on-premises', 'driver: premises'],
    ['driver: on-premises', 'driver: gateway'],
    ['username: admin', 'user: admin'],
  ])('may not have %s as %s', (from, to) => expect(fits(schema, parse(changed(config, from, to)))).toBe(false));
});
