/** Builds dist/ (host, mock platform and its console) and plugins/<name>/dist (each plugin by itself, as its users would). */
import { execFileSync } from 'node:child_process';
import { globSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const tsc = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));

function compile(...options) {
  try {
    execFileSync(process.execPath, [tsc, ...options], { cwd: root, stdio: 'inherit' });
  } catch {
    process.exit(1);
  }
}

rmSync(`${root}dist`, { recursive: true, force: true });
compile('-p', 'tsconfig.build.json');
for (const project of globSync('plugins/*/tsconfig.json', { cwd: root })) {
  rmSync(`${root}${dirname(project)}/dist`, { recursive: true, force: true });
  compile('-p', project);
}
await build({ configFile: `${root}mock-platform/console/vite.config.mjs`, logLevel: 'warn' });
