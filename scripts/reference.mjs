/**
 * Writes what is generated from the code: docs/reference/ and config.schema.json (`npm run docs`). With --check it writes
 * nothing, and fails where they are not as the code is. The reference is of what comes along; the schema has the plugins
 * of config.yaml, and is right with any of them.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { cliPage, espHost } from './reference/cli.mjs';
import { configurationPage } from './reference/configuration.mjs';
import { errorsPage } from './reference/errors.mjs';
import { metricsPage } from './reference/metrics.mjs';
import { pluginsOf, SHIPPED, withPlugins } from './reference/shipped.mjs';

const check = process.argv.includes('--check');
const schemaOf = (plugins) => withPlugins(plugins, (config) => espHost('schema', '--config', config));

const GENERATED = {
  'config.schema.json': check ? schemaOf(pluginsOf(current(pathOf('config.schema.json')))) : espHost('schema'),
  'docs/reference/cli.md': cliPage(),
  'docs/reference/configuration.md': configurationPage(JSON.parse(schemaOf(SHIPPED))),
  'docs/reference/errors.md': await errorsPage(),
  'docs/reference/methods.md': withPlugins(SHIPPED, (config) => espHost('methods', '--config', config, '--markdown')),
  'docs/reference/metrics.md': await metricsPage(),
};

function pathOf(name) {
  return fileURLToPath(new URL(`../${name}`, import.meta.url));
}

function current(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

const changed = Object.entries(GENERATED).filter(([name, text]) => current(pathOf(name)) !== text);
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
