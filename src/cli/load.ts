import { Command, InvalidArgumentError, Option } from 'commander';
import { Load, type LoadTotals, requestOf } from '../client/index.js';
import { failCommand } from './errors.js';
import { loadJson, loadReport, progressLine } from './load-report.js';
import { type Address, milliseconds, parseAddress, type ServiceMethod, serviceMethod, wholeNumber } from './options.js';
import { untilSignal } from './process.js';
import { parametersOf, type TargetOptions, targetOf, tlsOf, withTargetOptions } from './target.js';

interface LoadCommandOptions extends TargetOptions {
  readonly method: ServiceMethod;
  readonly connections: number;
  readonly inFlight: number;
  readonly connectionPerRequest?: true;
  readonly duration: number;
  readonly timeout: number;
  readonly json?: true;
}

const METHOD = 'Messaging.ValidateContact';

/** Interval of the progress line. */
const PROGRESS_MS = 250;

const HELP = `
All requests are the same. Each connection keeps --in-flight requests pending,
and sends the next when a reply arrives. Ctrl-C stops early, with a report.

Exit code: 0 if every request got a response, 2 if there were faults, 1 if the
connection failed or a request got no reply.`;

export function loadCommand(): Command {
  const command = new Command('load')
    .description('Put load on an ESP server, and report its throughput and latency.')
    .argument('<host:port>', 'ESP server or Interaction Server', parseAddress)
    .argument('[parameters...]', 'parameters of every request, as in send: Name=text, Name:=5')
    .addOption(
      new Option('--method <service.method>', 'method to call')
        .argParser(serviceMethod)
        .default(serviceMethod(METHOD), METHOD),
    )
    .option('--connections <n>', 'number of connections', wholeNumber(999_999), 8)
    .option('--in-flight <n>', 'number of pending requests per connection', wholeNumber(999_999), 16)
    .option('--connection-per-request', 'open a new connection for every request, as some clients do')
    .option('--duration <s>', 'duration in seconds', seconds, 10)
    .option('--timeout <ms>', 'timeout of each connection and reply', milliseconds, 10_000)
    .option('--json', 'print the report as JSON');
  return withTargetOptions(command).addHelpText('after', HELP).action(load);
}

async function load(to: Address, words: string[], options: LoadCommandOptions): Promise<void> {
  const stopped = untilSignal();
  const { connections, inFlight, timeout } = options;
  const running = await Load.start({
    ...to,
    ...tlsOf(options),
    connections,
    inFlight,
    connectionPerRequest: options.connectionPerRequest ?? false,
    charset: options.charset,
    timeoutMs: timeout,
    connectTimeoutMs: timeout,
    messages: [requestOf({ ...options.method, ...targetOf(options), parameters: parametersOf(words) })],
  }).catch(failCommand);
  await elapsed(running, options.duration, stopped);
  process.stdout.write((options.json ? loadJson : loadReport)(running.totals, running.seconds));
  process.exitCode = exitCode(running.totals);
  running.stop();
}

/** Waits for the end or for a signal; shows the progress on a terminal. */
async function elapsed(running: Load, duration: number, stopped: Promise<unknown>): Promise<void> {
  const { stderr } = process;
  const progress = stderr.isTTY
    ? setInterval(() => stderr.write(`\r${progressLine(running, duration)}\x1b[K`), PROGRESS_MS)
    : undefined;
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise((resolve) => {
    timer = setTimeout(resolve, duration * 1000);
  });
  await Promise.race([over, stopped]);
  clearTimeout(timer);
  clearInterval(progress);
  if (stderr.isTTY) stderr.write('\r\x1b[K');
}

function exitCode(totals: LoadTotals): number {
  if (totals.faulted > 0) return 2;
  return totals.unanswered > 0 || totals.answered === 0 ? 1 : 0;
}

function seconds(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (value <= 0 || value > 2_000_000)
    throw new InvalidArgumentError('Expected a number of seconds greater than 0, up to 2000000.');
  return value;
}
