import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseDocument } from 'yaml';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The plugins of the package; a checkout may have others. */
export const SHIPPED = ['./plugins/messaging'];

/** The text of config.yaml with only these of its plugins. */
export function configWith(plugins) {
  const text = readFileSync(join(root, 'config.yaml'), 'utf8');
  const others = parseDocument(text)
    .get('plugins')
    .items.filter((one) => !plugins.includes(one.get('use')));
  return others.reduceRight((kept, { range: [start, , end] }) => {
    return kept.slice(0, kept.lastIndexOf('\n', start) + 1) + kept.slice(end);
  }, text);
}

/** Runs `run` with a copy of config.yaml that has only these plugins. */
export function withPlugins(plugins, run) {
  const folder = mkdtempSync(join(tmpdir(), 'esp-host-shipped-'));
  try {
    for (const name of ['plugins', 'node_modules']) symlinkSync(join(root, name), join(folder, name));
    writeFileSync(join(folder, 'config.yaml'), configWith(plugins));
    return run(join(folder, 'config.yaml'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The plugins that a JSON Schema of config.yaml describes. */
export const pluginsOf = (schema) => [...schema.matchAll(/"use": \{\s*"const": "([^"]+)"/g)].map(([, use]) => use);
