import { Command, InvalidArgumentError, Option } from 'commander';
import type { ClientTls } from '../client/index.js';
import { hasCode } from '../esp/index.js';
import { type Address, parseAddress } from './address.js';
import { CommandFailed } from './command-failed.js';
import { ComparedServer } from './compare/compared-server.js';
import { differences } from './compare/differences.js';
import { inOrder } from './compare/in-order.js';
import { Report } from './compare/report.js';
import { linesOf } from './lines.js';
import { loadMock } from './load-mock.js';
import { namedCharset } from './named-charset.js';
import { serviceMethod } from './service-method.js';
import { type ConnectionOptions, milliseconds, tlsOf, withConnectionOptions } from './target.js';

interface CompareOptions extends ConnectionOptions {
  readonly a: Address;
  readonly b: Address;
  readonly ignore?: string[];
  readonly method?: string[];
  readonly inFlight: number;
  readonly timeout: number;
  readonly tlsOnly?: 'a' | 'b';
  readonly json?: true;
}

const HELP = `
Requests go to BOTH servers, as they were recorded: those that change something
in the world change it twice. --method sends those of the methods that it names
and no others. Secrets are masked in recordings, and are sent as asterisks.

--ignore takes a key, wherever it stands, or a path: Parameters.Balance,
UserData.Segment. The ReferenceId is never compared.

Exit code: 0 where all answers are the same, 2 where there is a difference, 1
where something went wrong: a server or the recording cannot be reached or read.`;

export function compareCommand(): Command {
  const command = new Command('compare')
    .description('Send the requests of a recording to two servers, and show where their answers differ.')
    .argument('<recording>', 'a file that esp-host record wrote; - is stdin')
    .requiredOption('--a <host:port>', 'the one server, such as the one to be replaced', parseAddress)
    .requiredOption('--b <host:port>', 'the other', parseAddress)
    .option('--ignore <key...>', 'keys and paths that are not compared (takes all up to the next option)')
    .option('--method <service.method>', 'send the requests of this method alone (may be given several times)', methods)
    .option('--in-flight <n>', 'requests under way to each server', whole, 4)
    .option('--timeout <ms>', 'how long a reply and a connection may take', milliseconds, 15_000)
    .option('--json', 'print JSON: a line for each difference, and one that counts');
  return withConnectionOptions(command)
    .addOption(new Option('--tls-only <server>', 'the options of TLS are for this server alone').choices(['a', 'b']))
    .addHelpText('after', HELP)
    .action(compare);
}

async function compare(recording: string, options: CompareOptions): Promise<void> {
  const charset = namedCharset(options.charset);
  const { recordedRequests } = await loadMock();
  const servers = serversOf(options);
  const report = new Report({ methods: options.method, json: options.json ?? false, send: sendOptions(options) });
  const ignored = new Set(options.ignore);
  try {
    await Promise.all(servers.map((server) => server.connect()));
    const lines = linesOf(recording);
    const requests = report.chosen(recordedRequests(recording, lines, charset, () => report.leaveOut()));
    const compared = inOrder(requests, options.inFlight, async (request) => {
      const [a, b] = await Promise.all([servers[0].ask(request.body), servers[1].ask(request.body)]);
      return { request, found: differences(a, b, ignored), answered: typeof a !== 'string' || typeof b !== 'string' };
    });
    for await (const { request, found, answered } of compared) report.add(request, found, answered);
  } catch (error) {
    if (hasCode(error, 'ESP_MOCK_INVALID_RECORDING')) throw new CommandFailed((error as Error).message);
    throw error;
  } finally {
    report.end();
    await Promise.all(servers.map((server) => server.close()));
  }
  process.exitCode = report.exitCode();
}

function serversOf(options: CompareOptions): [ComparedServer, ComparedServer] {
  const { timeout: timeoutMs, tlsOnly } = options;
  const charset = namedCharset(options.charset);
  const { tls } = tlsOf(options);
  const server = (name: 'a' | 'b'): ComparedServer => {
    const own: ClientTls | undefined = tlsOnly === undefined || tlsOnly === name ? tls : undefined;
    return new ComparedServer({ option: `--${name}`, address: options[name], tls: own, charset, timeoutMs });
  };
  return [server('a'), server('b')];
}

type SendTo = Pick<CompareOptions, 'b' | 'tlsOnly' | keyof ConnectionOptions>;

/** The options with which `esp-host send` reaches b. */
export const sendOptions = ({ b, charset, tls, tlsCa, tlsCert, tlsKey, tlsOnly }: SendTo): string[] => [
  ...['--to', `${b.host.includes(':') ? `[${b.host}]` : b.host}:${b.port}`],
  ...(charset === 'utf-8' ? [] : ['--charset', charset]),
  ...(tlsOnly === 'a'
    ? []
    : [
        ...(tls ? ['--tls'] : []),
        ...(tlsCa === undefined ? [] : ['--tls-ca', tlsCa]),
        ...(tlsCert === undefined ? [] : ['--tls-cert', tlsCert]),
        ...(tlsKey === undefined ? [] : ['--tls-key', tlsKey]),
      ]),
];

/** @throws InvalidArgumentError */
function methods(text: string, before: readonly string[] = []): string[] {
  serviceMethod(text);
  return [...before, text];
}

function whole(text: string): number {
  const value = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (value < 1) throw new InvalidArgumentError('it is a whole number above 0, of four digits at most.');
  return value;
}
