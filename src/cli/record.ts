import { createSecureContext } from 'node:tls';
import { Command } from 'commander';
import type { ListenerTls } from '../transport/index.js';
import { CommandError } from './errors.js';
import { readPem } from './files.js';
import { importMock } from './mock.js';
import { type Address, charsetOption, namedCharset, parseAddress } from './options.js';
import { untilSignal } from './process.js';
import { type TlsOptions, tlsOf, withTlsOptions } from './target.js';

interface RecordOptions extends TlsOptions {
  readonly listen: Address;
  readonly to: Address;
  readonly out: string;
  readonly charset: string;
  readonly listenTlsCert?: string;
  readonly listenTlsKey?: string;
  readonly listenTlsClientCa?: string;
}

export function recordCommand(): Command {
  const command = new Command('record')
    .description('Record the messages between an ESP client and a server. All bytes are passed on unchanged.')
    .requiredOption('--listen <host:port>', 'listen here for the client', parseAddress)
    .requiredOption('--to <host:port>', 'connect to this server', parseAddress)
    .requiredOption('--out <file>', 'new file: a JSON object per line and message, with masked secrets')
    .addOption(charsetOption());
  return withTlsOptions(command)
    .option('--listen-tls-cert <file>', 'listen with TLS, with this certificate (PEM)')
    .option('--listen-tls-key <file>', 'key of this certificate (PEM)')
    .option('--listen-tls-client-ca <file>', 'accept only clients with a certificate of these authorities (PEM)')
    .addHelpText('after', '\nExit code: 0 after Ctrl-C or SIGTERM, 1 if it failed to start or to write the file.')
    .action(record);
}

async function record(options: RecordOptions): Promise<void> {
  namedCharset(options.charset);
  const { tls: toTls } = tlsOf(options);
  const tls = listenerTls(options);
  const { startRecording } = await importMock();
  const signal = untilSignal();
  const recording = await startRecording({ ...options, tls, toTls }).catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(whyFailed(error, options), { cause: error });
  });
  const { relay, counts } = recording;
  say(
    `recording ${relay.host}:${relay.port}${shownTls(tls)} -> ${options.to.host}:${options.to.port}${shownTls(toTls)} ` +
      `to ${options.out}; press Ctrl-C to stop`,
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

/** TLS towards the clients, if any of its options is given. @throws CommandError */
function listenerTls({ listenTlsCert, listenTlsKey, listenTlsClientCa }: RecordOptions): ListenerTls | undefined {
  if (listenTlsCert === undefined || listenTlsKey === undefined) {
    if (listenTlsCert === listenTlsKey && listenTlsClientCa === undefined) return undefined;
    throw new CommandError('--listen-tls-cert and --listen-tls-key must be used together');
  }
  const clientCa = listenTlsClientCa === undefined ? {} : { clientCa: readPem(listenTlsClientCa) };
  if (clientCa.clientCa?.includes('CERTIFICATE-----') === false) {
    throw new CommandError(`${listenTlsClientCa} has no certificate`);
  }
  const [certificate, key] = [readPem(listenTlsCert), readPem(listenTlsKey)];
  try {
    createSecureContext({ cert: certificate, key });
  } catch (error) {
    const why = `${listenTlsCert} and ${listenTlsKey} are not a usable certificate and key`;
    throw new CommandError(`${why}: ${(error as Error).message}`, { cause: error });
  }
  return { certificate, key, ...clientCa };
}

const shownTls = (tls: unknown): string => (tls === undefined ? '' : ' (TLS)');

const say = (text: string): void => void process.stderr.write(`${text}\n`);

function whyFailed({ code, message }: NodeJS.ErrnoException, { listen, out }: RecordOptions): string {
  const where = `${listen.host}:${listen.port}`;
  if (code === 'EADDRINUSE') return `cannot listen on ${where}: another program listens there; choose another --listen`;
  if (code === 'EEXIST') return `${out} already exists: choose another --out, or remove it`;
  return `cannot record: ${message}`;
}
