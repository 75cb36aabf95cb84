import { join, relative, resolve } from 'node:path';
import { Command } from 'commander';
import { CommandError } from './errors.js';
import { yamlText } from './new/config-file.js';
import { parseFields, wordOf } from './new/fields.js';
import { apartFrom, kebab, methodName, pluginName } from './new/names.js';
import { Changes, PluginFolder } from './new/plugin-folder.js';
import { projectIn, setUp } from './new/project.js';
import type { MethodPlan } from './new/sources.js';
import { appName, appTypeOption } from './new.js';

interface InitOptions {
  readonly method: string;
  readonly appName?: string;
  readonly appType?: number;
}

const GREET = 'Greeting.Greet';

const HELP = `
Writes config.yaml, platform.yaml, package.json, the setup of TypeScript and
jest, a plugin with one method and its test, and .github/workflows/ci.yml.
Overwrites no file; package.json is completed if it exists.

Exit code: 0, or 1 if nothing was written.`;

export const initCommand = (): Command =>
  new Command('init')
    .description('Create a project with its configuration, one method, its test and a CI file.')
    .argument('[folder]', 'folder of the project', '.')
    .option('--method <Service.Method>', 'first method', GREET)
    .option('--app-name <name>', 'AppName of the application (default: Own)', appName)
    .addOption(appTypeOption('type of the application: 171 for SocialMS (default: 23, Third Party Server)'))
    .addHelpText('after', HELP)
    .action(init);

function init(folder: string, { method: name, ...application }: InitOptions): void {
  const root = resolve(folder);
  const plan = planOf(name);
  const { method } = plan;
  const changes = new Changes();
  const config = join(root, 'config.yaml');
  changes.mustBeNew(config);
  const project = projectIn(root, changes);
  if (project.isHost) throw new CommandError('this is esp-host itself: choose another folder');
  const plugin = new PluginFolder(changes, join(root, 'plugins', pluginName(kebab(method.service))));
  plugin.create(project, method);
  plugin.addTo(config, { name: application.appName, type: application.appType });
  plugin.addMethod(plan);
  changes.create(join(root, 'platform.yaml'), platformText(application));
  changes.createWhereMissing(join(root, '.gitignore'), 'node_modules/\ndist/\n');
  changes.createWhereMissing(join(root, '.github/workflows/ci.yml'), CI);
  setUp(project, changes);
  process.stdout.write(changes.write() + nextSteps(relative(process.cwd(), root), plan));
}

function planOf(name: string): MethodPlan {
  const [parameters, response] = (name === GREET ? [['Name'], ['Greeting']] : [[], ['Result']]).map(parseFields);
  const method = apartFrom(
    methodName(name),
    [...(parameters ?? []), ...(response ?? [])].map((field) => field.name),
  );
  return { method, parameters: parameters ?? [], response: response ?? [], channel: undefined };
}

function nextSteps(folder: string, { method, parameters }: MethodPlan): string {
  const steps = [
    ...(folder === '' ? [] : [`cd ${shellWord(folder)}`]),
    'npm install',
    'npm test',
    'npx esp-host dev   (reloads the plugin when you save it)',
    `npx esp-host send ${[method.service, method.method, ...parameters.map(wordOf)].join(' ')}   (in another terminal)`,
    'npm run build   (before npx esp-host serve)',
  ];
  return `\nNext:\n${steps.map((step) => `  ${step}\n`).join('')}`;
}

const shellWord = (text: string): string =>
  /^[\w./][\w./-]*$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

const platformText = ({ appName: name = 'Own', appType: type = 23 }: Omit<InitOptions, 'method'>): string =>
  `# The platform around the host, for \`esp-host mock\`, \`dev\` and \`strategy\`:
# node_modules/esp-host/docs/platform.md

interactionServer:
  port: 7110 # for ESP clients, such as a strategy

applications:
  - name: ${yamlText(name)} # as in config.yaml
    type: ${type}
    address: host # the host in this process

console:
  port: 8080 # the web console and the admin API
`;

const CI = `# GitHub Actions
name: CI
on: [push, pull_request]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-node@v5
        with: { node-version: 24, cache: npm }
      - run: npm ci
      - run: npx tsc # checks the types, also of tests
      - run: npm test
      - run: npm run build
      - run: npx esp-host check config.yaml platform.yaml
`;
