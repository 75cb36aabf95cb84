import { dirname, join, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { CommandFailed } from './command-failed.js';
import { configOption } from './config-file.js';
import { Questions } from './new/ask.js';
import { Changes } from './new/changes.js';
import { FIELD_FORM, type Field, parseFields } from './new/field.js';
import { apartFrom, kebab, type MethodName, methodName, pluginName } from './new/names.js';
import { nextSteps } from './new/next-steps.js';
import { PluginFolder } from './new/plugin-folder.js';
import { findProject, setUp } from './new/project.js';
import type { MethodPlan } from './new/sources.js';

interface NewOptions {
  readonly config: string;
  readonly plugin?: string;
  readonly parameter: string[];
  readonly response: string[];
  readonly channel?: string;
  readonly yes?: true;
}

export function newCommand(): Command {
  const made = new Command('new').description('Write a plugin or a method, with its test, and add it to the config.');
  const method = new Command('method')
    .description("Write a method's class, schema and test into a plugin, which is written too where it is new.")
    .argument('<Service.Method>', 'for instance Billing.GetBalance')
    .option('--plugin <name>', 'the plugin (default: named as the service is)')
    .action((name: string, options: NewOptions) => create(methodName(name), options.plugin, options));
  const plugin = new Command('plugin')
    .description('Write a plugin, with its first method where one is named.')
    .argument('<name>', 'for instance billing: its folder in plugins/')
    .argument('[Service.Method]', 'its first method')
    .action((name: string, first: string | undefined, options: NewOptions) =>
      create(first === undefined ? undefined : methodName(first), name, options),
    );
  return made.addCommand(withOptions(plugin)).addCommand(withOptions(method));
}

const withOptions = (command: Command): Command =>
  command
    .addOption(fields('--parameter <name:type>', `a parameter, as often as needed: ${FIELD_FORM}`))
    .addOption(fields('--response <name:type>', 'a parameter of the response, written in the same way'))
    .option('--channel <type>', 'the type of the channel that _umsChannel names', channelType)
    .addOption(configOption())
    .option('--yes', 'ask nothing')
    .addHelpText('after', '\nNo file is overwritten. Exit code: 0 written, 1 nothing is written.');

const fields = (flags: string, description: string): Option =>
  new Option(flags, description).argParser((word: string, before: string[]) => [...before, word]).default([], 'none');

async function create(method: MethodName | undefined, plugin: string | undefined, options: NewOptions): Promise<void> {
  const name = pluginName(plugin ?? kebab(method?.service ?? ''));
  if (method === undefined && options.parameter.length + options.response.length > 0) {
    throw new CommandFailed('--parameter and --response belong to a method: name it too, as Service.Method');
  }
  const config = resolve(options.config);
  const project = findProject(dirname(config));
  const changes = new Changes();
  const folder = new PluginFolder(changes, join(dirname(config), 'plugins', name));
  if (method === undefined && !folder.isNew) throw new CommandFailed(`there is a plugin ${name} already`);
  const plan = method === undefined ? undefined : await planOf(method, folder, options);
  if (folder.isNew) folder.create(project, plan?.method);
  const registered = folder.isNew || plan === undefined || folder.register(plan.method);
  folder.addTo(config);
  if (plan !== undefined) folder.addMethod(plan);
  const install = setUp(project, changes);
  const { isHost } = project;
  process.stdout.write(changes.write() + nextSteps({ folder: folder.path, plan, registered, install, isHost }));
}

const RESULT: Field = { name: 'Result', type: 'string', many: false, optional: false };

/** What was given, and what is asked for beside it. */
async function planOf(method: MethodName, folder: PluginFolder, options: NewOptions): Promise<MethodPlan> {
  folder.mustBeNew(method);
  const given = { parameters: parseFields(options.parameter), response: parseFields(options.response) };
  const { parameters, response: answered } = options.yes ? given : await askedFor(method, given);
  const response = answered.length > 0 ? answered : [RESULT];
  const keys = [...parameters, ...response].map(({ name }) => name);
  return { method: apartFrom(method, keys), parameters, response, channel: options.channel };
}

async function askedFor(method: MethodName, { parameters, response }: Pick<MethodPlan, 'parameters' | 'response'>) {
  const questions = new Questions();
  try {
    return {
      parameters: parameters.length > 0 ? parameters : await questions.fields(`The parameters of ${method.name}`),
      response: response.length > 0 ? response : await questions.fields('The parameters of its response'),
    };
  } finally {
    questions.close();
  }
}

function channelType(text: string): string {
  if (!/^[\w-]+$/.test(text)) throw new InvalidArgumentError('a type is letters, digits, _ and hyphens.');
  return text;
}
