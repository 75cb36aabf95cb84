import { basename, dirname, join, relative, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { CommandError } from './errors.js';
import type { Channel } from './new/channel.js';
import { addChannel, channelChoice } from './new/channel-choice.js';
import { FIELD_FORM, type Field, parseFields, Questions, wordOf } from './new/fields.js';
import { apartFrom, kebab, type MethodName, methodName, pluginName } from './new/names.js';
import { Changes, PluginFolder } from './new/plugin-folder.js';
import { findProject, setUp } from './new/project.js';
import type { MethodPlan } from './new/sources.js';
import { configOption, repeatable, wholeNumber } from './options.js';

/** The largest application type that a request can carry. */
const INT32_MAX = 0x7fffffff;

interface NewOptions {
  readonly config: string;
  readonly plugin?: string;
  readonly parameter: string[];
  readonly response: string[];
  readonly channel?: string;
  readonly appName?: string;
  readonly appType?: number;
  readonly yes?: true;
}

export function newCommand(): Command {
  const made = new Command('new').description('Create a plugin or a method, with its test, and configure it.');
  const method = new Command('method')
    .description("Create a method's class, schema and test, and its plugin if there is none.")
    .argument('<Service.Method>', 'such as Billing.GetBalance')
    .option('--plugin <name>', 'name of the plugin (default: that of the service)')
    .action((name: string, options: NewOptions) => create(methodName(name), options.plugin, options));
  const plugin = new Command('plugin')
    .description('Create a plugin, with its first method if one is given.')
    .argument('<name>', 'such as billing: the folder in plugins/')
    .argument('[Service.Method]', 'first method')
    .action((name: string, first: string | undefined, options: NewOptions) =>
      create(first === undefined ? undefined : methodName(first), name, options),
    );
  return made.addCommand(withOptions(plugin)).addCommand(withOptions(method));
}

const withOptions = (command: Command): Command =>
  command
    .addOption(repeatable('--parameter <name:type>', `parameter (repeatable): ${FIELD_FORM}`))
    .addOption(repeatable('--response <name:type>', 'parameter of the response, in the same form (repeatable)'))
    .option(
      '--channel <type>',
      'type of the channel that _umsChannel names; a new type is added to the plugin',
      channelType,
    )
    .addOption(configOption())
    .option('--app-name <name>', 'AppName of the application in a new configuration file (default: Own)', appName)
    .addOption(
      appTypeOption(
        'type of the application in a new configuration file: 171 for SocialMS (default: 23, Third Party Server)',
      ),
    )
    .option('--yes', 'do not prompt')
    .addHelpText(
      'after',
      '\nPrompts for parameters that are not given; Ctrl-C and Ctrl-D cancel. Overwrites no file.\n\nExit code: 0, or 1 if nothing was written.',
    );

async function create(method: MethodName | undefined, plugin: string | undefined, options: NewOptions): Promise<void> {
  const name = pluginName(plugin ?? kebab(method?.service ?? ''));
  if (method === undefined && options.parameter.length + options.response.length > 0) {
    throw new CommandError('--parameter and --response require a method: add Service.Method');
  }
  const config = resolve(options.config);
  const project = findProject(dirname(config));
  const changes = new Changes();
  const folder = new PluginFolder(changes, join(dirname(config), 'plugins', name));
  if (method === undefined && !folder.isNew) throw new CommandError(`plugin ${name} already exists`);
  const channel = options.channel === undefined ? undefined : await channelChoice(options.channel, config, folder);
  if (method !== undefined && channel?.definition?.file === method.file) {
    throw new CommandError(`${method.file}.ts would be the file of both ${method.name} and its channel type`);
  }
  const plan = method === undefined ? undefined : await planOf(method, folder, options, channel);
  if (folder.isNew) folder.create(project, plan?.method);
  const registered = folder.isNew || plan === undefined || folder.register(plan.method);
  folder.addTo(config, { name: options.appName, type: options.appType });
  if (plan !== undefined) folder.addMethod(plan);
  const channelSteps = channel === undefined ? [] : addChannel(channel, config, folder);
  const install = setUp(project, changes);
  const { isHost } = project;
  process.stdout.write(
    changes.write() + nextSteps({ folder: folder.path, plan, registered, channelSteps, install, isHost }),
  );
}

const RESULT: Field = { name: 'Result', type: 'string', many: false, optional: false };

/** The method, with the fields of the options and of prompts. */
async function planOf(
  method: MethodName,
  folder: PluginFolder,
  options: NewOptions,
  channel: Channel | undefined,
): Promise<MethodPlan> {
  folder.mustBeNew(method);
  const given = { parameters: parseFields(options.parameter), response: parseFields(options.response) };
  const { parameters, response: fields } = options.yes ? given : await prompted(method, given);
  const response = fields.length > 0 ? fields : [RESULT];
  const keys = [...parameters, ...response].map(({ name }) => name);
  return { method: apartFrom(method, keys), parameters, response, channel };
}

async function prompted(method: MethodName, { parameters, response }: Pick<MethodPlan, 'parameters' | 'response'>) {
  const questions = new Questions();
  try {
    return {
      parameters: parameters.length > 0 ? parameters : await questions.fields(`Parameters of ${method.name}`),
      response: response.length > 0 ? response : await questions.fields('Parameters of the response'),
    };
  } finally {
    questions.close();
  }
}

export const appTypeOption = (description: string): Option =>
  new Option('--app-type <number>', description).argParser(wholeNumber(INT32_MAX));

export function appName(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('Expected a name.');
  if (/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u.test(text)) {
    throw new InvalidArgumentError('Expected a name without line breaks and invisible characters.');
  }
  return text;
}

function channelType(text: string): string {
  if (!/^[\w-]+$/.test(text)) throw new InvalidArgumentError('Expected letters, digits, _ and hyphens.');
  return text;
}

export interface NextSteps {
  readonly folder: string;
  /** Undefined for a plugin without methods. */
  readonly plan: MethodPlan | undefined;
  /** Whether the plugin's index.ts lists the method. */
  readonly registered: boolean;
  /** Those of the channel type. */
  readonly channelSteps?: readonly string[];
  readonly install: boolean;
  /** Whether the project is esp-host itself. */
  readonly isHost: boolean;
}

/** The next steps of the user, one per line. */
export function nextSteps({ folder, plan, registered, channelSteps = [], install, isHost }: NextSteps): string {
  const own = relative(process.cwd(), folder);
  const build = `${isHost ? 'npm run build' : `npx tsc -p ${own}`}   (before npx esp-host serve)`;
  const steps = [
    ...(install ? ['npm install'] : []),
    ...channelSteps,
    ...(plan === undefined
      ? [`npx esp-host new method Service.Method --plugin ${basename(folder)}`]
      : methodSteps(own, plan, registered)),
    build,
  ];
  return `\nNext:\n${steps.map((step) => `  ${step}\n`).join('')}`;
}

function methodSteps(folder: string, { method, parameters }: MethodPlan, registered: boolean): string[] {
  const { service, method: name, className, file } = method;
  const words = parameters.filter(({ optional }) => !optional).map(wordOf);
  return [
    ...(registered ? [] : [`add ${className} from ./${file}.js to the methods of ${join(folder, 'index.ts')}`]),
    `implement it in ${join(folder, `${file}.ts`)}`,
    'npm test',
    'npx esp-host dev   (reloads the plugin when you save it)',
    `npx esp-host send ${[service, name, ...words].join(' ')}   (in another terminal)`,
  ];
}
