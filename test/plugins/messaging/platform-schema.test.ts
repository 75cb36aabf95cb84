import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { ROOT } from '../../support/files.js';
import { fits } from '../../support/json-schema.js';
import { runCommand } from '../../support/run-command.js';

it('the schema of platform.yaml has the settings of the mocks', async () => {
  const { code, stdout } = await runCommand(['schema', 'platform'], { cwd: ROOT });
  expect(code).toBe(0);
  const isValid = (value: unknown): boolean => fits(JSON.parse(stdout), value);
  const upstream = (more: object) => ({ upstreams: { whatsapp: { plugin: './plugins/messaging', ...more } } });
  expect(isValid(parse(readFileSync(join(ROOT, 'platform.yaml'), 'utf8')))).toBe(true);
  expect(isValid(upstream({ settings: { version: '2.45.1' } }))).toBe(true);
  expect(isValid(upstream({ settings: { version: '${VERSION}' } }))).toBe(true);
  expect(isValid(upstream({ settings: { version: 2 } }))).toBe(false);
  expect(isValid(upstream({ setting: {} }))).toBe(false);
  expect(isValid({ upstreams: { other: { plugin: './other', settings: { version: 2 } } } })).toBe(true);
});
