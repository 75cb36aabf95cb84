import { Command } from 'commander';
import { CommandError } from './errors.js';
import { importMock } from './mock.js';
import { type Address, charsetOption, namedCharset, parseAddress } from './options.js';
import { untilSignal } from './process.js';

interface RecordOptions {
  readonly listen: Address;
  readonly to: Address;
  readonly out: string;
  readonly charset: string;
}

export function recordCommand(): Command {
  return new Command('record')
    .description('Record the messages between an ESP client and a server. All bytes are passed on unchanged.')
    .requiredOption('--listen <host:port>', 'listen here for the client', parseAddress)
    .requiredOption('--to <host:port>', 'connect to this server', parseAddress)
    .requiredOption('--out <file>', 'new file: a JSON object per line and message, with masked secrets')
    .addOption(charsetOption())
    .addHelpText('after', '\nExit code: 0 after Ctrl-C or SIGTERM, 1 if it failed to start or to write the file.')
    .action(record);
}

async function record(options: RecordOptions): Promise<void> {
  namedCharset(options.charset);
  const { startRecording } = await importMock();
  const signal = untilSignal();
  const recording = await startRecording(options).catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(whyFailed(error, options), { cause: error });
  });
  const { relay, counts } = recording;
  say(
    `recording ${relay.host}:${relay.port} -> ${options.to.host}:${options.to.port} to ${options.out}; press Ctrl-C to stop`,
  );
  const failure = await Promise.race([signal.then(() => undefined), recording.failed.catch((error: Error) => error)]);
  await recording.close();
  const { requests, responses, faults, others, addp, connections } = counts;
  say(
    `recorded ${requests} requests, ${responses} responses, ${faults} faults and ${others} other messages ` +
      `on ${connections} connections (${addp} ADDP frames passed) in ${options.out}`,
  );
  if (failure !== undefined)
    throw new CommandError(`cannot write ${options.out}: ${failure.message}`, { cause: failure });
  process.exit(0);
}

const say = (text: string): void => void process.stderr.write(`${text}\n`);

function whyFailed({ code, message }: NodeJS.ErrnoException, { listen, out }: RecordOptions): string {
  const where = `${listen.host}:${listen.port}`;
  if (code === 'EADDRINUSE') return `cannot listen on ${where}: another program listens there; choose another --listen`;
  if (code === 'EEXIST') return `${out} already exists: choose another --out, or remove it`;
  return `cannot record: ${message}`;
}
