/** Builds dist/ (host, mock platform and its console) and plugins/<name>/dist (each plugin by itself, as its users would). */
import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { bundle } from './bundle.mjs';

/** What package.json and bin/ lead to. */
const ENTRIES = ['cli/main.js', 'index.js', 'client/index.js', 'server/index.js', 'testing/index.js', 'wire.js'];

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
await bundle(`${root}dist/src`, ENTRIES, ['esbuild']);
for (const plugin of readdirSync(`${root}plugins`, { withFileTypes: true })) {
  if (!plugin.isDirectory()) continue;
  rmSync(`${root}plugins/${plugin.name}/dist`, { recursive: true, force: true });
  compile('-p', `plugins/${plugin.name}/tsconfig.json`);
  await bundle(`${root}plugins/${plugin.name}/dist`, ['index.js']);
}
await build({ configFile: `${root}mock-platform/console/vite.config.mjs`, logLevel: 'warn' });
