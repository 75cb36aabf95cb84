import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const FIXTURE = join(ROOT, 'test/fixtures/on-premises');

/** A host with the On-Premises API, whose contacts endpoint it asks, and a platform and a strategy for it. */
export const ON_PREMISES = {
  config: join(FIXTURE, 'config.yaml'),
  platform: join(FIXTURE, 'platform.yaml'),
  strategy: join(FIXTURE, 'strategies/reach-the-customer.yaml'),
};

const folders: string[] = [];

/** A new empty folder; `removeFolders` removes it again. */
export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'esp-host-'));
  folders.push(made);
  return made;
}

export function removeFolders(): void {
  for (const made of folders.splice(0)) rmSync(made, { recursive: true, force: true });
}

/** Writes a file into a new folder, and returns its path. */
export function file(name: string, text: string, into = folder()): string {
  const path = join(into, name);
  writeFileSync(path, text);
  return path;
}
