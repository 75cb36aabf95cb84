import { Command, InvalidArgumentError, Option } from 'commander';
import { Load, type LoadTotals, requestOf } from '../client/index.js';
import { type Address, parseAddress } from './address.js';
import { CommandFailed } from './command-failed.js';
import { loadReport, progressLine } from './load-report.js';
import { type MethodName, serviceMethod } from './service-method.js';
import { milliseconds, parametersOf, type TargetOptions, targetOf, tlsOf, withTargetOptions } from './target.js';
import { untilSignal } from './until-signal.js';

interface LoadCommandOptions extends TargetOptions {
  readonly method: MethodName;
  readonly connections: number;
  readonly inFlight: number;
  readonly connectionPerRequest?: true;
  readonly duration: number;
  readonly timeout: number;
}

const METHOD = 'Messaging.ValidateContact';

/** How often the line that shows the progress is written anew, in ms. */
const PROGRESS_MS = 250;

const HELP = `
Every request is the same: on each connection as many as --in-flight are under
way, and a reply makes place for the next. Ctrl-C ends it early, with results.

Exit code: 0 where every request was answered with a response, 2 where there
were faults, 1 where it could not connect or requests went unanswered.`;

export function loadCommand(): Command {
  const command = new Command('load')
    .description('Put an ESP server under load and measure it.')
    .argument('<host:port>', 'the ESP server, or an Interaction Server', parseAddress)
    .argument('[parameters...]', 'of every request, written as for send: Name=text, Name:=5')
    .addOption(
      new Option('--method <service.method>', 'what to ask')
        .argParser(serviceMethod)
        .default(serviceMethod(METHOD), METHOD),
    )
    .option('--connections <n>', 'connections at one time', whole, 8)
    .option('--in-flight <n>', 'requests under way on each', whole, 16)
    .option('--connection-per-request', 'open a connection for each request, as some clients do')
    .option('--duration <s>', 'how long, in seconds', seconds, 10)
    .option('--timeout <ms>', 'how long a reply and a connection may take', milliseconds, 10_000);
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
  }).catch((error: Error) => {
    throw new CommandFailed(error.message, 1, { cause: error });
  });
  await elapsed(running, options.duration, stopped);
  process.stdout.write(loadReport(running.totals, running.seconds));
  process.exitCode = exitCode(running.totals);
  running.stop();
}

/** Waits for the end or for a signal; a terminal shows how far it is. */
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

function whole(text: string): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (value < 1) throw new InvalidArgumentError('it is a whole number above 0.');
  return value;
}

function seconds(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (value <= 0 || value > 2_000_000) throw new InvalidArgumentError('a time is a number of seconds above 0.');
  return value;
}
