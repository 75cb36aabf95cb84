import { Command } from 'commander';
import type { InteractionServerAddress } from '../doctor/index.js';
import type { Finding } from '../host/index.js';
import { CommandError } from './errors.js';
import { type Address, parseAddress } from './options.js';
import { type TlsOptions, tlsOf, withTlsOptions } from './target.js';

// Both commands import the host only when they run, which keeps the start of the others fast.

/** `name`, with the argument and the option that `check` and `doctor` share. */
const command = (name: string): Command =>
  new Command(name)
    .argument('[config]', 'configuration file', 'config.yaml')
    .option('--typescript', 'allow TypeScript plugins, as the mock platform does');

export const checkCommand = (): Command =>
  command('check')
    .description('Check a configuration with its plugins, channels and certificates, without starting anything.')
    .addHelpText(
      'after',
      '\nExit code: 0 if the configuration is valid, even with warnings, 1 if not (file:line:column on stderr).',
    )
    .action(check);

async function check(file: string, { typescript = false }: { typescript?: boolean }): Promise<void> {
  const { loadConfig, methodName, prepare } = await import('../server/index.js');
  const { application, channels, plugins, warnings } = await prepare(loadConfig(file), { typescript });
  for (const { file: where, line: row, column, message } of warnings) {
    process.stderr.write(`${where}:${row}:${column}: warning: ${message}\n`);
  }
  const names = channels.list().map(({ name }) => name);
  const methods = plugins.flatMap(({ definition }) => definition.methods.map(methodName));
  process.stdout.write(
    `${file} is valid: ${application.name} (type ${application.type}), ` +
      `channels ${names.join(', ') || 'none'}, methods ${methods.join(', ') || 'none'}\n`,
  );
}

interface DoctorOptions extends TlsOptions {
  readonly typescript?: boolean;
  readonly interactionServer?: Address;
}

export const doctorCommand = (): Command =>
  withTlsOptions(
    command('doctor')
      .description('Diagnose a configuration: certificates, ports, plugins, and the upstreams of its channels.')
      .option(
        '--interaction-server <host:port>',
        'check that its requests reach the running host, by AppName and by AppType',
        parseAddress,
      ),
  )
    .addHelpText('after', '\nExit code: 0 if there is no trouble (there may be warnings), 1 if there is.')
    .action(doctor);

async function doctor(file: string, { typescript = false, ...options }: DoctorOptions): Promise<void> {
  const interactionServer = interactionServerOf(options);
  const [{ loadConfig, prepare }, { examine }] = await Promise.all([
    import('../server/index.js'),
    import('../doctor/index.js'),
  ]);
  const prepared = await prepare(loadConfig(file), { typescript });
  process.stdout.write(line({ about: file, state: 'good', text: 'all keys, values and files are valid' }));
  let troubles = 0;
  for await (const finding of examine({ prepared, interactionServer })) {
    process.stdout.write(line(finding));
    if (finding.state === 'trouble') troubles++;
  }
  if (troubles > 0) process.exitCode = 1;
}

/** @throws CommandError */
function interactionServerOf({ interactionServer, ...options }: DoctorOptions): InteractionServerAddress | undefined {
  const tls = tlsOf(options);
  if (interactionServer !== undefined) return { ...interactionServer, ...tls };
  if ('tls' in tls) throw new CommandError('the --tls options require --interaction-server');
  return undefined;
}

const SIGNS = { good: 'good   ', warning: 'WARNING', trouble: 'TROUBLE' } as const;

/** A finding; the advice follows on an indented line. */
const line = ({ about, state, text, advice }: Finding): string =>
  `${SIGNS[state]}  ${about}: ${text}\n${advice === undefined ? '' : `         ${advice}\n`}`;
