import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { file, folder, ROOT, removeFolders } from '../support/files.js';
import { fits } from '../support/json-schema.js';
import type { Ended } from '../support/processes.js';
import { runCommand } from '../support/run-command.js';

afterAll(removeFolders);

const run = (words: readonly string[], cwd = ROOT): Promise<Ended> => runCommand(['schema', ...words], { cwd });

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

  it('replaces the reference to another file', async () => {
    const home = folder();
    const path = file('config.yaml', `# yaml-language-server: $schema=./old.json\n${config}`, home);
    await run(['--out', 'new.json'], home);
    expect(readFileSync(path, 'utf8')).toBe(`# yaml-language-server: $schema=./new.json\n${config}`);
  });

  it('keeps a byte order mark, and does not overwrite the config with the schema', async () => {
    const home = folder();
    const path = file('config.yaml', `\ufeff${config}`, home);
    expect(await run(['--out', './config.yaml'], home)).toEqual({
      code: 1,
      stdout: '',
      stderr: '--out would overwrite config.yaml: name another file for the schema\n',
    });
    await run(['--out', 'host.json'], home);
    expect(readFileSync(path, 'utf8')).toBe(`\ufeff# yaml-language-server: $schema=./host.json\n${config}`);
  });

  it('reports why a file cannot be written', async () => {
    const home = folder();
    const path = file('config.yaml', config, home);
    const { code, stderr } = await run(['--out', 'none/schema.json'], home);
    expect({ code, config: readFileSync(path, 'utf8') }).toEqual({ code: 1, config });
    expect(stderr).toMatch(/^cannot write none\/schema\.json: ENOENT/);
  });
});

describe('the schema of', () => {
  const read = (path: string): unknown => parse(readFileSync(join(ROOT, path), 'utf8'));
  const schemaOf = async (kind: string, ...more: string[]) => {
    const { code, stdout } = await run([kind, ...more]);
    expect(code).toBe(0);
    return (value: unknown): boolean => fits(JSON.parse(stdout), value);
  };

  it('platform.yaml without one, or with a plugin that cannot be loaded', async () => {
    const home = folder();
    const { code, stdout } = await run(['platform'], home);
    expect({ code, title: JSON.parse(stdout).title }).toEqual({ code: 0, title: 'platform.yaml of esp-host' });
    file('platform.yaml', 'nonsense: 1\nupstreams: { a: { stubs: x }, b: { plugin: ./none } }\n', home);
    expect(await run(['platform'], home)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^platform\.yaml:2:\d+: upstreams\.b\.plugin cannot be used: .* does not exist/),
    });
  });

  it('stubs fits stubs', async () => {
    const isValid = await schemaOf('stubs');
    for (const name of ['classification-server', 'email-server'])
      expect(isValid(read(`stubs/${name}.yaml`))).toBe(true);
    expect(isValid({ stubs: [{ answer: { none: true } }] })).toBe(true);
    expect(isValid({ stubs: [{ anwser: {} }] })).toBe(false);
  });

  it('http-stubs fits HTTP stubs', async () => {
    const isValid = await schemaOf('http-stubs');
    expect(isValid(read('test/fixtures/plugins/billing/billing.http.yaml'))).toBe(true);
    expect(isValid({ stubs: [{ answer: { status: 'ok' } }] })).toBe(false);
  });

  it('strategy fits strategies with their cases', async () => {
    const isValid = await schemaOf('strategy');
    const withStep = (more: object) => ({ name: 'A', steps: [{ id: 'a', ...more }] });
    const withCase = (more: object) => ({ ...withStep({ routeTo: 'b' }), tests: [{ name: 'c', expect: {}, ...more }] });
    for (const name of ['reach-the-customer', 'send-an-invitation'])
      expect(isValid(read(`strategies/${name}.yaml`))).toBe(true);
    const branch = (when: object) => withStep({ on: { response: [{ when, go: 'a' }] } });
    expect(isValid(branch({ Id: 'x', Count: 5, Name: { startsWith: '+' } }))).toBe(true);
    expect(isValid(branch({ Id: { equal: 5 } }))).toBe(false);
    expect(isValid(withStep({ rout: 'b' }))).toBe(false);
    expect(
      isValid(
        withCase({
          faults: [
            { kind: 'delay', ms: 5 },
            { kind: 'whatsapp.webhooks', late: 5 },
          ],
        }),
      ),
    ).toBe(true);
    expect(isValid(withCase({ faults: [{ kind: 'delya', ms: 5 }] }))).toBe(false);
    expect(isValid(withCase({ faults: [{ kind: 'delay', s: 5 }] }))).toBe(false);
    expect(isValid(withCase({ stubs: { A: [{ answer: { none: true } }] }, clock: { advanceMs: { a: 5 } } }))).toBe(
      true,
    );
    expect(isValid(withCase({ upstreamStubs: { a: [{ answers: [{ status: 99.5 }] }] } }))).toBe(false);
    expect(isValid(withCase({ clock: { on: 'now' } }))).toBe(false);
  });
});

describe('esp-host schema KIND --out', () => {
  it('references the schema in each file', async () => {
    const home = folder();
    const files = ['a.yaml', 'b.yaml'].map((name) => file(name, `name: ${name}\n`, home));
    expect(await run(['strategy', 'a.yaml', 'b.yaml', '--out', 's.json'], home)).toMatchObject({
      stdout: 'wrote s.json\nchanged a.yaml\nchanged b.yaml\n',
    });
    const line = '# yaml-language-server: $schema=./s.json\n';
    expect(files.map((path) => readFileSync(path, 'utf8'))).toEqual([`${line}name: a.yaml\n`, `${line}name: b.yaml\n`]);
    const { title } = JSON.parse(readFileSync(join(home, 's.json'), 'utf8'));
    expect(title).toBe('A strategy of esp-host');
    expect(await run(['stubs', '--out', 't.json'], home)).toMatchObject({ stdout: 'wrote t.json\n' });
  });

  it('references it from another folder', async () => {
    const home = folder();
    mkdirSync(join(home, 'stubs'));
    const path = file('a.yaml', 'stubs: []\n', join(home, 'stubs'));
    await run(['stubs', 'stubs/a.yaml', '--out', 's.json'], home);
    expect(readFileSync(path, 'utf8')).toBe('# yaml-language-server: $schema=../s.json\nstubs: []\n');
  });

  it('references it in platform.yaml', async () => {
    const home = folder();
    file('platform.yaml', 'upstreams: {}\n', home);
    expect(await run(['platform', '--out', 'p.json'], home)).toMatchObject({
      stdout: 'wrote p.json\nchanged platform.yaml\n',
    });
  });

  it('writes nothing if a file cannot be read, or --out is missing', async () => {
    const home = folder();
    const { code, stderr } = await run(['stubs', 'none.yaml', '--out', 's.json'], home);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^cannot read none\.yaml: ENOENT/) });
    expect(() => readFileSync(join(home, 's.json'))).toThrow('ENOENT');
    expect((await run(['stubs', 'a.yaml'], home)).stderr).toMatch(/^files need --out/);
    expect((await run(['stub'], home)).stderr).toMatch(
      /Allowed choices are config, platform, stubs, http-stubs, strategy/,
    );
  });
});
