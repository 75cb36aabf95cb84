import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { EspClient, type EspReply } from '../client/index.js';
import { KeyValueList, messageToJson } from '../esp/index.js';
import { type Address, parseAddress } from './address.js';
import { CommandFailed } from './command-failed.js';
import { formatParameters, parseParameters } from './parameters.js';

interface SendOptions {
  readonly to: Address;
  readonly appName?: string;
  readonly appType?: string;
  readonly userData?: string[];
  readonly timeout: number;
  readonly charset: string;
  readonly tls?: true;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly json?: true;
}

export function sendCommand(): Command {
  return new Command('send')
    .description('Send one ESP request and print the parameters of its reply.')
    .argument('<service>', 'for instance Messaging')
    .argument('<method>', 'for instance ValidateContact')
    .argument('[parameters...]', `Name=text, Name:=5 (int), Name:='{"a":"b"}' (list)`)
    .option(
      '--to <host:port>',
      'the ESP server, or an Interaction Server',
      parseAddress,
      parseAddress('127.0.0.1:7120'),
    )
    .option('--app-name <name>', 'AppName of the target')
    .option('--app-type <type>', 'AppType of the target: a number or a name')
    .option('--user-data <parameter...>', 'UserData, written as the parameters are')
    .option('--timeout <ms>', 'how long to wait for the connection and for the reply', milliseconds, 15_000)
    .option('--charset <name>', 'of type 0 strings', 'utf-8')
    .option('--tls', 'connect with TLS, trusting the authorities that Node trusts')
    .option('--tls-ca <file>', 'connect with TLS, trusting these authorities (PEM)')
    .option('--tls-cert <file>', 'the client certificate (PEM)')
    .option('--tls-key <file>', "the client certificate's key (PEM)")
    .option('--json', 'print the whole message as JSON')
    .addHelpText('after', '\nExit code: 0 for a response, 2 for a fault, 1 where no answer came.')
    .action(send);
}

async function send(service: string, method: string, words: string[], options: SendOptions): Promise<void> {
  const { appName, appType } = options;
  const call = {
    service,
    method,
    parameters: list(words),
    ...(appName === undefined ? {} : { appName }),
    ...(appType === undefined ? {} : { appType: /^\d+$/.test(appType) ? Number(appType) : appType }),
    ...(options.userData === undefined ? {} : { userData: list(options.userData) }),
  };
  const reply = await answer(options, (client) => client.request(call, { timeoutMs: options.timeout }));
  process.stdout.write(
    options.json ? `${JSON.stringify(messageToJson(reply.message))}\n` : formatParameters(reply.parameters),
  );
  if (reply.fault !== undefined) process.exitCode = 2;
}

async function answer(options: SendOptions, ask: (client: EspClient) => Promise<EspReply>): Promise<EspReply> {
  const tls = tlsOf(options);
  const client = new EspClient({
    ...options.to,
    charset: options.charset,
    connectTimeoutMs: options.timeout,
    ...(tls === undefined ? {} : { tls }),
  });
  try {
    await client.connect();
    return await ask(client);
  } catch (error) {
    throw new CommandFailed((error as Error).message, 1, { cause: error });
  } finally {
    await client.close();
  }
}

function tlsOf(options: SendOptions): { ca?: string; certificate?: string; key?: string } | undefined {
  const { tlsCa, tlsCert, tlsKey } = options;
  if (tlsCert !== undefined && tlsKey === undefined) throw new CommandFailed('--tls-cert needs --tls-key');
  if (!options.tls && tlsCa === undefined && tlsCert === undefined) return undefined;
  return {
    ...(tlsCa === undefined ? {} : { ca: read(tlsCa) }),
    ...(tlsCert === undefined ? {} : { certificate: read(tlsCert) }),
    ...(tlsKey === undefined ? {} : { key: read(tlsKey) }),
  };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandFailed(`cannot read ${file}: ${(error as Error).message}`);
  }
}

function list(words: readonly string[]): KeyValueList {
  try {
    return parseParameters(words);
  } catch (error) {
    throw new CommandFailed((error as Error).message);
  }
}

function milliseconds(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value <= 0) throw new InvalidArgumentError('a time is a whole number of ms above 0.');
  return value;
}
