import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** The folder and its ancestors, the nearest first. */
export function upwards(folder: string): string[] {
  const above = dirname(folder);
  return above === folder ? [folder] : [folder, ...upwards(above)];
}

/** The command that builds the plugin in a folder; undefined if the folder has no tsconfig.json. */
export function buildCommand(folder: string): string | undefined {
  if (!existsSync(join(folder, 'tsconfig.json'))) return undefined;
  return isOfHost(folder) ? 'npm run build' : `npx tsc -p ${relative(process.cwd(), folder) || '.'}`;
}

/** Whether a folder belongs to esp-host, which bundles its own plugins. */
export function isOfHost(folder: string): boolean {
  const manifest = upwards(folder)
    .map((above) => join(above, 'package.json'))
    .find((file) => existsSync(file) && nameIn(file) !== undefined);
  return manifest !== undefined && nameIn(manifest) === 'esp-host';
}

function nameIn(manifest: string): unknown {
  try {
    return (JSON.parse(readFileSync(manifest, 'utf8')) as { name?: unknown }).name;
  } catch {
    return undefined;
  }
}
