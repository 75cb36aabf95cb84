import { Command } from 'commander';
import { loadConfig } from '../config/index.js';
import { methodName } from '../host/index.js';
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
      const names = channels.list().map(({ name }) => name);
      const methods = plugins.flatMap(({ definition }) => definition.methods.map(methodName));
      process.stdout.write(
        `${file} is good: ${application.name} (type ${application.type}), ` +
          `channels ${names.join(', ') || 'none'}, methods ${methods.join(', ') || 'none'}\n`,
      );
    });
}
