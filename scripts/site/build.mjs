/** `npm run docs:site`: builds the documentation in dist/site, from README.md, CHANGELOG.md and docs. */
import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesOf, pageOf, slugOf } from './pages.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const here = join(root, 'scripts/site');
const pages = join(here, 'content/docs');
const files = join(here, 'public/files');
const site = join(root, 'dist/site');

function write(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

for (const folder of [pages, files]) rmSync(folder, { recursive: true, force: true });
for (const file of ['README.md', 'CHANGELOG.md', 'bench/README.md', ...globSync('docs/**/*.md', { cwd: root })]) {
  const markdown = readFileSync(join(root, file), 'utf8');
  write(join(pages, `${slugOf(file)}.md`), pageOf(file, markdown));
  for (const linked of filesOf(file, markdown)) cpSync(join(root, linked), join(files, linked));
}
const astro = join(here, 'node_modules/astro/bin/astro.mjs');
const env = { ...process.env, ASTRO_TELEMETRY_DISABLED: '1' };
try {
  execFileSync(process.execPath, [astro, 'build', '--root', here], { stdio: 'inherit', env });
} catch {
  process.exit(1);
}
// Astro's own output has to be below its node_modules.
rmSync(site, { recursive: true, force: true });
cpSync(join(here, 'dist'), site, { recursive: true });
