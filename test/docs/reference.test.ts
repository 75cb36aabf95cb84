import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { z } from 'esp-host';
import { platformSchema } from '../../mock-platform/configuration/index.js';
import { ROOT } from '../support/files.js';

const { keysOf } = await import(new URL('../../scripts/reference/configuration.mjs', import.meta.url).href);

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

it('generated pages are up to date', () => {
  const script = join(ROOT, 'scripts/reference.mjs');
  const { stdout, stderr } = spawnSync(process.execPath, [script, '--check'], { cwd: ROOT, encoding: 'utf8' });
  expect(stdout + stderr).toBe('');
}, 60_000);

it('docs/operations.md and docs/lookups.md describe every metric', () => {
  const pages = read('docs/operations.md') + read('docs/lookups.md');
  const metrics = [...read('docs/reference/metrics.md').matchAll(/^\| `(\w+)`/gm)].map(([, name = '']) => name);
  expect(metrics.length).toBeGreaterThan(20);
  expect(metrics.filter((name) => !pages.includes(`\`${name}`))).toEqual([]);
});

interface Key {
  readonly path: string;
  readonly fallback: unknown;
}

/** Every key has a row, or is mentioned in its section. */
describe('docs/configuration.md', () => {
  const keys = keysOf(JSON.parse(read('config.schema.json'))) as Key[];
  const sections = new Map(
    read('docs/configuration.md')
      .split(/^## /m)
      .map((text) => [text.slice(0, text.indexOf('\n')), text]),
  );

  /** `listeners.esp.tls.key` -> the section `listeners.esp`. */
  const sectionOf = (path: string): [name: string, text: string] => {
    const [first = '', second = ''] = path.replace('[]', '').split('.');
    const name = [`${first}.${second}`, first].find((one) => sections.has(one)) ?? '';
    return [name, sections.get(name) ?? ''];
  };

  it('has keys to look for', () => expect(keys.length).toBeGreaterThan(50));

  it.each(keys.map((key) => [key.path, key] as const))('has %s, with its default', (path, { fallback }) => {
    const [name, text] = sectionOf(path);
    const own = path.replace(/^(channels\.NAME|plugins\[\]\.options|plugins\[\])\./, '').replace(`${name}.`, '');
    const row = text.split('\n').find((line) => line.startsWith(`| \`${own}\``));
    if (row === undefined) {
      // Related keys share a row, such as those of TLS.
      const [last = ''] = own.split('.').slice(-1);
      const shared = [own, `.${last}`, last, ...(own.startsWith('tls.') ? ['tls'] : [])];
      expect(shared.filter((mention) => text.includes(`\`${mention}\``))).not.toEqual([]);
    } else if (fallback !== undefined) {
      expect(row.split('|')[2]?.trim()).toBe(String(fallback));
    }
  });
});

describe('docs/platform.md', () => {
  interface Schema {
    readonly properties?: Readonly<Record<string, Schema>>;
    readonly items?: Schema;
    readonly additionalProperties?: Schema;
    readonly default?: unknown;
  }

  const { properties: sections = {} } = z.toJSONSchema(platformSchema, {
    io: 'input',
    unrepresentable: 'any',
  }) as Schema;
  const texts = new Map(
    read('docs/platform.md')
      .split(/^## /m)
      .map((text) => [text.slice(0, text.indexOf('\n')), text]),
  );

  const keysIn = ({ properties, items, additionalProperties }: Schema): [string, unknown][] =>
    Object.entries(properties ?? items?.properties ?? additionalProperties?.properties ?? {}).flatMap(
      ([name, key]): [string, unknown][] =>
        key.properties === undefined
          ? [[name, key.default]]
          : keysIn(key).map(([inner, fallback]) => [`${name}.${inner}`, fallback]),
    );

  it('has a section for each mapping', () => {
    expect([...texts.keys()].slice(1)).toEqual(Object.keys(sections));
  });

  it.each(Object.entries(sections))('has the keys of %s, with their defaults', (name, section) => {
    const rows = [...(texts.get(name) ?? '').matchAll(/^\| (`.+?)\s*\|([^|]*)\|/gm)].flatMap(
      ([, keys = '', fallback = '']) => keys.split(', ').map((key) => [key.trim(), fallback.trim()]),
    );
    expect(rows.sort()).toEqual(
      keysIn(section)
        .map(([key, value]) => [`\`${key}\``, String(value ?? '')])
        .sort(),
    );
  });
});
