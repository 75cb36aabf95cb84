/**
 * `npm run docs`: generates docs/reference/ and config.schema.json from the code. With --check, it fails if they are not up
 * to date. The reference describes the shipped plugins; the schema describes the plugins of config.yaml.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { apiPage } from './reference/api.mjs';
import { cliPage, espHost } from './reference/cli.mjs';
import { configurationPage } from './reference/configuration.mjs';
import { errorsPage } from './reference/errors.mjs';
import { metricsPage } from './reference/metrics.mjs';
import { pluginsOf, SHIPPED, withPlugins } from './reference/shipped.mjs';

const check = process.argv.includes('--check');
const schemaOf = (plugins) => withPlugins(plugins, (config) => espHost('schema', '--config', config));

const GENERATED = {
  'config.schema.json': check ? schemaOf(pluginsOf(current(pathOf('config.schema.json')))) : espHost('schema'),
  'docs/reference/api.md': apiPage(),
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
    console.error(`${name} is not up to date: run npm run docs`);
    process.exitCode = 1;
  } else {
    mkdirSync(pathOf('docs/reference'), { recursive: true });
    writeFileSync(pathOf(name), text);
    console.log(`wrote ${name}`);
  }
}
