import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
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

  it('reports why a file cannot be written', async () => {
    const home = folder();
    const path = file('config.yaml', config, home);
    const { code, stderr } = await run(['--out', 'none/schema.json'], home);
    expect({ code, config: readFileSync(path, 'utf8') }).toEqual({ code: 1, config });
    expect(stderr).toMatch(/^cannot write none\/schema\.json: ENOENT/);
  });
});
