/**
 * Writes what is generated from the code: docs/reference/ and config.schema.json (`npm run docs`). With --check it writes
 * nothing, and fails where they are not as the code is.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { cliPage, espHost } from './reference/cli.mjs';
import { configurationPage } from './reference/configuration.mjs';
import { metricsPage } from './reference/metrics.mjs';

const schema = espHost('schema');

const GENERATED = {
  'config.schema.json': schema,
  'docs/reference/cli.md': cliPage(),
  'docs/reference/configuration.md': configurationPage(JSON.parse(schema)),
  'docs/reference/methods.md': espHost('methods', '--markdown'),
  'docs/reference/metrics.md': await metricsPage(),
};

const pathOf = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

function current(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

const changed = Object.entries(GENERATED).filter(([name, text]) => current(pathOf(name)) !== text);
const check = process.argv.includes('--check');
for (const [name, text] of changed) {
  if (check) {
    console.error(`${name} is not as the code is: npm run docs`);
    process.exitCode = 1;
  } else {
    mkdirSync(pathOf('docs/reference'), { recursive: true });
    writeFileSync(pathOf(name), text);
    console.log(`wrote ${name}`);
  }
}
