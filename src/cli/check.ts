import { Command } from 'commander';

export function checkCommand(): Command {
  return new Command('check')
    .description('Check a config with its plugins, channels and certificates, without starting anything.')
    .argument('[config]', 'the configuration', 'config.yaml')
    .option('--typescript', 'let plugins be TypeScript, as the mock platform does')
    .addHelpText('after', '\nExit code: 0 for a good config, 1 for a bad one (file:line:column on stderr).')
    .action(check);
}

async function check(file: string, { typescript = false }: { typescript?: boolean }): Promise<void> {
  // The other commands are quicker without all of the host.
  const { loadConfig, methodName, prepare } = await import('../server/index.js');
  const { application, channels, plugins } = await prepare(loadConfig(file), { typescript });
  const names = channels.list().map(({ name }) => name);
  const methods = plugins.flatMap(({ definition }) => definition.methods.map(methodName));
  process.stdout.write(
    `${file} is good: ${application.name} (type ${application.type}), ` +
      `channels ${names.join(', ') || 'none'}, methods ${methods.join(', ') || 'none'}\n`,
  );
}
