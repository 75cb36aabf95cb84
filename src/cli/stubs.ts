import { Command } from 'commander';
import { hasCode } from '../esp/index.js';
import { createLogger } from '../telemetry/index.js';
import { fileKind } from './check/file-kind.js';
import { CommandError, failCommand } from './errors.js';
import { writeText } from './files.js';
import { adminOption, getText } from './journal.js';
import { importMock, type StubServer } from './mock.js';
import { type Address, addressText, charsetOption, namedCharset, parseAddress, wholeNumber } from './options.js';
import { untilSignal } from './process.js';

interface FromOptions {
  readonly out?: string;
  readonly upstream?: string;
  readonly admin: string;
  readonly appName?: string;
  readonly appType?: number;
  readonly charset: string;
}

export function stubsCommand(): Command {
  const stubs = new Command('stubs').description(
    'Create and serve stub files, which answer in place of an ESP server.',
  );
  stubs
    .command('from')
    .description(
      'Convert a recording, or the upstream calls of a running mock platform, to stubs that answer the same.',
    )
    .argument('[recording]', 'file written by esp-host record')
    .option('--upstream <name>', 'HTTP stubs of this upstream, or of an origin such as https://api.example.com')
    .addOption(adminOption())
    .option('--out <file>', 'write to this new file, not to stdout')
    .option('--app-name <name>', "name of the stub application (default: the recording's AppName)")
    .option(
      '--app-type <number>',
      "type number of the stub application (default: the recording's AppType, or 23)",
      wholeNumber(999_999_999),
    )
    .addOption(charsetOption())
    .addHelpText('after', HELP)
    .action(from);
  stubs
    .command('serve')
    .description('Run an ESP server that answers from a stub file, without the mock platform.')
    .argument('<file>', 'stub file; it is loaded again when it changes')
    .requiredOption(
      '--listen <host:port>',
      'listen here; any client that reaches this address is answered',
      parseAddress,
    )
    .addOption(charsetOption())
    .addHelpText('after', SERVE_HELP)
    .action(serve);
  return stubs;
}

const HELP = `
Give either a recording, for the stubs of an ESP server, or --upstream, for the
HTTP stubs of an upstream from the journal of a running mock platform.

Exit code: 0, or 1 if the recording cannot be read, the platform does not
answer, or there are no replies.`;

const SERVE_HELP = `
Prints the methods that have stubs, and logs each request to stderr: the stub
that answers, or why none does. A file with mistakes has no effect until they
are corrected.

Exit code: 0 after Ctrl-C or SIGTERM, 1 if the file is invalid or the address
cannot be used.`;

interface ServeOptions {
  readonly listen: Address;
  readonly charset: string;
}

async function serve(file: string, { listen, charset }: ServeOptions): Promise<void> {
  namedCharset(charset);
  if (fileKind(file) === 'http-stubs') {
    throw new CommandError(`${file} has HTTP stubs: name it under upstreams in platform.yaml, and run esp-host mock`);
  }
  const { serveStubs } = await importMock();
  const signal = untilSignal();
  const logger = createLogger({ level: 'info', format: 'text' });
  const server = await serveStubs({ ...listen, file, charset, logger }).catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(whyUnserved(error, listen), { cause: error });
  });
  process.stdout.write(welcome(server, file));
  await signal;
  await server.close();
  process.exit(0);
}

function welcome({ host, port, stubs }: StubServer, file: string): string {
  const { name, type } = stubs.application;
  const methods = Map.groupBy(
    stubs.enabled(),
    ({ definition: { match } }) => `${match?.service ?? '*'}.${match?.method ?? '*'}`,
  );
  const lines = [...methods].map(([method, all]) => `  ${method}: ${all.length} stub${all.length === 1 ? '' : 's'}\n`);
  return `${name} (type ${type}) answers at ${addressText({ host, port })} from ${file}; press Ctrl-C to stop\n${lines.join('')}`;
}

function whyUnserved(error: NodeJS.ErrnoException, listen: Address): string {
  if (hasCode(error, 'ESP_CONFIG_INVALID')) return error.message;
  const address = addressText(listen);
  if (error.code === 'EADDRINUSE') {
    return `cannot listen on ${address}: another program listens there; choose another --listen`;
  }
  return `cannot listen on ${address}: ${error.message}`;
}

async function from(recording: string | undefined, options: FromOptions): Promise<void> {
  const { out, upstream, admin } = options;
  if ((recording === undefined) === (upstream === undefined)) {
    throw new CommandError('give either a recording or --upstream');
  }
  const text =
    upstream === undefined
      ? await fromRecording(recording ?? '', options)
      : await getText(admin, `/api/stubs/from-journal?${new URLSearchParams({ upstream })}`);
  if (out === undefined) process.stdout.write(text);
  else writeText(out, text, { exclusive: true });
}

async function fromRecording(recording: string, { appName, appType, charset }: FromOptions): Promise<string> {
  const set = namedCharset(charset);
  const { stubsFrom } = await importMock();
  try {
    return stubsFrom(recording, { name: appName, type: appType }, set);
  } catch (error) {
    return failCommand(error);
  }
}
