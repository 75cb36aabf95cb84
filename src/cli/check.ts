import { Command } from 'commander';
import { loadConfig } from '../config/index.js';
import { methodDefinition } from '../host/index.js';
import { prepare } from '../server/index.js';

export function checkCommand(): Command {
  return new Command('check')
    .description('Check a config with its plugins, channels and certificates, without starting anything.')
    .argument('[config]', 'the configuration', 'config.yaml')
    .option('--typescript', 'let plugins be TypeScript, as the mock platform does')
    .addHelpText('after', '\nExit code: 0 for a good config, 1 for a bad one (file:line:column on stderr).')
    .action(async (file: string, options: { typescript?: true }) => {
      const { application, channels, plugins } = await prepare(loadConfig(file), {
        typescript: options.typescript ?? false,
      });
      const methods = plugins.flatMap(({ definition }) => definition.methods.map((one) => methodDefinition(one)));
      const names = methods.map((method) => (method === undefined ? '' : `${method.service}.${method.method}`));
      process.stdout.write(
        `${file} is good: ${application.name} (type ${application.type}), ` +
          `channels ${
            channels
              .list()
              .map(({ name }) => name)
              .join(', ') || 'none'
          }, methods ${names.join(', ') || 'none'}\n`,
      );
    });
}
