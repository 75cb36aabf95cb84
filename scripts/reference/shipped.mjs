import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseDocument } from 'yaml';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The plugins that come along; a checkout may have others. */
export const SHIPPED = ['./plugins/messaging'];

/** What `run` makes of a copy of config.yaml, elsewhere, that names these plugins alone. */
export function withPlugins(plugins, run) {
  const config = parseDocument(readFileSync(join(root, 'config.yaml'), 'utf8'));
  config.set('plugins', config.createNode(plugins.map((use) => ({ use }))));
  const folder = mkdtempSync(join(tmpdir(), 'esp-host-shipped-'));
  try {
    for (const name of ['plugins', 'node_modules']) symlinkSync(join(root, name), join(folder, name));
    writeFileSync(join(folder, 'config.yaml'), String(config));
    return run(join(folder, 'config.yaml'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The plugins whose options a JSON Schema of config.yaml describes. */
export const pluginsOf = (schema) => [...schema.matchAll(/"use": \{\s*"const": "([^"]+)"/g)].map(([, use]) => use);
