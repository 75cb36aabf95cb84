import { Command, Option } from 'commander';
import type { ClientTls } from '../client/index.js';
import { hasCode } from '../esp/index.js';
import { differences } from './compare/differences.js';
import { Report } from './compare/report.js';
import { ComparedServer } from './compare/server.js';
import { CommandError } from './errors.js';
import { linesOf } from './files.js';
import { importMock } from './mock.js';
import {
  type Address,
  addressText,
  milliseconds,
  namedCharset,
  parseAddress,
  serviceMethod,
  wholeNumber,
} from './options.js';
import { type ConnectionOptions, tlsOf, withConnectionOptions } from './target.js';

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
Requests go to BOTH servers, as recorded: a request that changes something
changes it twice. Recordings mask secrets, so the servers receive asterisks.

--ignore takes a key at any depth, or a path: Parameters.Balance,
UserData.Segment. The ReferenceId is never compared.

Exit code: 0 if all replies are the same, 2 if any differ, 1 if a server or the
recording cannot be reached or read.`;

export function compareCommand(): Command {
  const command = new Command('compare')
    .description('Send the requests of a recording to two servers, and print how their replies differ.')
    .argument('<recording>', 'file written by esp-host record, or - for stdin')
    .requiredOption('--a <host:port>', 'the first server, such as the one to replace', parseAddress)
    .requiredOption('--b <host:port>', 'the second server', parseAddress)
    .option('--ignore <key...>', 'keys and paths to ignore (takes all words up to the next option)')
    .option('--method <service.method>', 'send only requests of this method (repeatable)', methods)
    .option('--in-flight <n>', 'number of pending requests per server', wholeNumber(9999), 4)
    .option('--timeout <ms>', 'timeout of each connection and reply', milliseconds, 15_000)
    .option('--json', 'print a JSON object per difference, then a summary');
  return withConnectionOptions(command)
    .addOption(new Option('--tls-only <server>', 'use the TLS options for this server only').choices(['a', 'b']))
    .addHelpText('after', HELP)
    .action(compare);
}

async function compare(recording: string, options: CompareOptions): Promise<void> {
  const charset = namedCharset(options.charset);
  const { recordedRequests } = await importMock();
  const servers = serversOf(options);
  const report = new Report({ methods: options.method, json: options.json ?? false, send: sendOptions(options) });
  const ignored = new Set(options.ignore);
  try {
    await Promise.all(servers.map((server) => server.connect()));
    const lines = linesOf(recording);
    const requests = report.chosen(recordedRequests(recording, lines, charset, () => report.skip()));
    const compared = inOrder(requests, options.inFlight, async (request) => {
      const [a, b] = await Promise.all([servers[0].ask(request.body), servers[1].ask(request.body)]);
      return { request, found: differences(a, b, ignored), answered: typeof a !== 'string' || typeof b !== 'string' };
    });
    for await (const { request, found, answered } of compared) report.add(request, found, answered);
  } catch (error) {
    if (hasCode(error, 'ESP_MOCK_INVALID_RECORDING'))
      throw new CommandError((error as Error).message, { cause: error });
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

/** The options that make `esp-host send` reach server b. */
export const sendOptions = ({ b, charset, tls, tlsCa, tlsCert, tlsKey, tlsOnly }: SendTo): string[] => [
  ...['--to', addressText(b)],
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

/**
 * Runs `work` on at most `limit` items at a time, and yields the results in the order of the items. If the items end with
 * an error, the pending results come first.
 */
export async function* inOrder<T, R>(
  items: AsyncIterable<T>,
  limit: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const pending: Promise<R>[] = [];
  let failure: { readonly error: unknown } | undefined;
  try {
    for await (const item of items) {
      if (pending.length >= limit) yield pending.shift() as Promise<R>;
      const result = work(item);
      // The consumer sees the error when it takes the result. Until then it is not an unhandled rejection.
      result.catch(() => undefined);
      pending.push(result);
    }
  } catch (error) {
    failure = { error };
  }
  for (const result of pending) yield result;
  if (failure !== undefined) throw failure.error;
}
