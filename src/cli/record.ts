import { Command } from 'commander';
import { type Address, parseAddress } from './address.js';
import { CommandFailed } from './command-failed.js';
import { loadMock } from './load-mock.js';
import { namedCharset } from './named-charset.js';
import { untilSignal } from './until-signal.js';

interface RecordOptions {
  readonly listen: Address;
  readonly to: Address;
  readonly out: string;
  readonly charset: string;
}

export function recordCommand(): Command {
  return new Command('record')
    .description('Stand between an ESP client and a server, pass every byte as it is, and write down the messages.')
    .requiredOption('--listen <host:port>', 'where the client connects to', parseAddress)
    .requiredOption('--to <host:port>', 'the server', parseAddress)
    .requiredOption('--out <file>', 'a new file: a line of JSON a message, secrets masked')
    .option('--charset <name>', 'of type 0 strings', 'utf-8')
    .addHelpText('after', '\nExit code: 0 after Ctrl-C or SIGTERM, 1 where it could not start or write.')
    .action(record);
}

async function record(options: RecordOptions): Promise<void> {
  namedCharset(options.charset);
  const { startRecording } = await loadMock();
  const signal = untilSignal();
  const recording = await startRecording(options).catch((error: NodeJS.ErrnoException) => {
    throw new CommandFailed(whyFailed(error, options), 1, { cause: error });
  });
  const { relay, counts } = recording;
  say(
    `recording ${relay.host}:${relay.port} -> ${options.to.host}:${options.to.port} into ${options.out}; Ctrl-C ends it`,
  );
  const failure = await Promise.race([signal.then(() => undefined), recording.failed.catch((error: Error) => error)]);
  await recording.close();
  const { requests, responses, faults, others, addp, connections } = counts;
  say(
    `recorded ${requests} requests, ${responses} responses, ${faults} faults and ${others} other messages ` +
      `on ${connections} connections (${addp} ADDP frames passed) in ${options.out}`,
  );
  if (failure !== undefined) throw new CommandFailed(`cannot write ${options.out}: ${failure.message}`);
  process.exit(0);
}

const say = (text: string): void => void process.stderr.write(`${text}\n`);

function whyFailed({ code, message }: NodeJS.ErrnoException, { listen, out }: RecordOptions): string {
  const where = `${listen.host}:${listen.port}`;
  if (code === 'EADDRINUSE') return `cannot listen on ${where}: another program listens there; choose another --listen`;
  if (code === 'EEXIST') return `${out} is there already: choose another --out, or remove it`;
  return `cannot record: ${message}`;
}
