import { Command } from 'commander';
import type { InteractionServerAddress } from '../doctor/index.js';
import type { Finding } from '../host/index.js';
import { CommandError } from './errors.js';
import { type Address, milliseconds, parseAddress } from './options.js';
import { type TlsOptions, tlsOf, withTlsOptions } from './target.js';

interface DoctorOptions extends TlsOptions {
  readonly typescript?: boolean;
  readonly json?: true;
  readonly interactionServer?: Address;
  readonly thirdPartyServerTimeout?: number;
}

export const doctorCommand = (): Command =>
  withTlsOptions(
    new Command('doctor')
      .description('Diagnose a configuration: certificates, ports, plugins, and the upstreams of its channels.')
      .argument('[config]', 'configuration file', 'config.yaml')
      .option('--typescript', 'allow TypeScript plugins, as the mock platform does')
      .option('--json', 'print the findings as JSON')
      .option(
        '--interaction-server <host:port>',
        'check that its requests reach the running host, by AppName and by AppType',
        parseAddress,
      )
      .option(
        '--third-party-server-timeout <ms>',
        'check that this option of Interaction Server is longer than limits.deadlineMs',
        milliseconds,
      ),
  )
    .addHelpText('after', '\nExit code: 0 if there is no trouble (there may be warnings), 1 if there is.')
    .action(doctor);

async function doctor(file: string, { typescript = false, json, ...options }: DoctorOptions): Promise<void> {
  const findings: Finding[] = [];
  for await (const finding of findingsOf(file, typescript, interactionServerOf(options))) {
    if (!json) process.stdout.write(line(finding));
    findings.push(finding);
  }
  if (json) process.stdout.write(`${JSON.stringify(findings, null, 2)}\n`);
  if (findings.some(({ state }) => state === 'trouble')) process.exitCode = 1;
}

// Imports the host only when it runs, which keeps the start of the other commands fast.
async function* findingsOf(
  file: string,
  typescript: boolean,
  interactionServer: InteractionServerAddress | undefined,
): AsyncGenerator<Finding> {
  const [{ prepareFile }, { examine }] = await Promise.all([
    import('../server/index.js'),
    import('../doctor/index.js'),
  ]);
  const prepared = await prepareFile(file, { typescript });
  yield { about: file, state: 'good', text: 'all keys, values and files are valid' };
  yield* examine({ prepared, interactionServer });
}

/** @throws CommandError */
function interactionServerOf({
  interactionServer,
  thirdPartyServerTimeout: timeoutMs,
  ...options
}: DoctorOptions): InteractionServerAddress | undefined {
  const tls = tlsOf(options);
  if (interactionServer !== undefined) {
    return { ...interactionServer, ...tls, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
  }
  if (timeoutMs !== undefined) throw new CommandError('--third-party-server-timeout requires --interaction-server');
  if ('tls' in tls) throw new CommandError('the --tls options require --interaction-server');
  return undefined;
}

const SIGNS = { good: 'good   ', warning: 'WARNING', trouble: 'TROUBLE' } as const;

/** A finding; the advice follows on an indented line. */
const line = ({ about, state, text, advice }: Finding): string =>
  `${SIGNS[state]}  ${about}: ${text}\n${advice === undefined ? '' : `         ${advice}\n`}`;
