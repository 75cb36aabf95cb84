import { Command } from 'commander';
import type { InteractionServerAddress } from '../doctor/index.js';
import type { Finding } from '../host/index.js';
import { type Address, parseAddress } from './address.js';
import { CommandFailed } from './command-failed.js';
import { type TlsOptions, tlsOf, withTlsOptions } from './target.js';

interface DoctorOptions extends TlsOptions {
  readonly typescript?: boolean;
  readonly interactionServer?: Address;
}

export function doctorCommand(): Command {
  const command = new Command('doctor')
    .description('Look down the whole chain of a config: certificates, ports, plugins and what their channels need.')
    .argument('[config]', 'the configuration', 'config.yaml')
    .option('--typescript', 'let plugins be TypeScript, as the mock platform does')
    .option(
      '--interaction-server <host:port>',
      'see whether its requests come to the host that runs, by AppName and by AppType',
      parseAddress,
    );
  return withTlsOptions(command)
    .addHelpText('after', '\nExit code: 0 where all is good (there may be warnings), 1 where there is trouble.')
    .action(doctor);
}

async function doctor(file: string, { typescript = false, ...options }: DoctorOptions): Promise<void> {
  const interactionServer = interactionServerOf(options);
  // The other commands are quicker without all of the host.
  const [{ loadConfig, prepare }, { examine }] = await Promise.all([
    import('../server/index.js'),
    import('../doctor/index.js'),
  ]);
  const prepared = await prepare(loadConfig(file), { typescript });
  process.stdout.write(line({ about: file, state: 'good', text: 'every key, value and file of it' }));
  const troubles: Finding[] = [];
  for await (const finding of examine({ prepared, interactionServer })) {
    process.stdout.write(line(finding));
    if (finding.state === 'trouble') troubles.push(finding);
  }
  if (troubles.length > 0) process.exitCode = 1;
}

/** @throws CommandFailed */
function interactionServerOf({ interactionServer, ...options }: DoctorOptions): InteractionServerAddress | undefined {
  const tls = tlsOf(options);
  if (interactionServer !== undefined) return { ...interactionServer, ...tls };
  if ('tls' in tls) throw new CommandFailed('--tls and its like are for --interaction-server: name its host and port');
  return undefined;
}

const SIGNS = { good: 'good   ', warning: 'WARNING', trouble: 'TROUBLE' } as const;

/** What to do stands below, set in. */
const line = ({ about, state, text, advice }: Finding): string =>
  `${SIGNS[state]}  ${about}: ${text}\n${advice === undefined ? '' : `         ${advice}\n`}`;
