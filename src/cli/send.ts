import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { EspClient, type EspReply } from '../client/index.js';
import { isInt32, KeyValueList, messageToJson } from '../esp/index.js';
import { type Address, parseAddress } from './address.js';
import { CommandFailed } from './command-failed.js';
import { formatParameters, parseParameters } from './parameters.js';

interface SendOptions {
  readonly to: Address;
  readonly appName?: string;
  readonly appType?: string | number;
  readonly userData?: string[];
  readonly timeout: number;
  readonly charset: string;
  readonly tls?: true;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly json?: true;
}

const HELP = `
Parameters: Name=text is a string, Name:=5 an int, Name:='{"a":"b"}' a list,
Name:hex=00ff bytes. What is printed can be sent again; strings with line
breaks are printed as Name:="a\\nb", odd names as "a=b"=text.

Exit code: 0 for a response, 2 for a fault, 1 where no answer came.`;

export function sendCommand(): Command {
  return new Command('send')
    .description('Send one ESP request and print the parameters of its reply.')
    .argument('<service>', 'for instance Messaging')
    .argument('<method>', 'for instance ValidateContact')
    .argument('[parameters...]', `Name=text, Name:=5 (int), Name:='{"a":"b"}' (list)`)
    .addOption(toOption())
    .option('--app-name <name>', 'AppName of the target')
    .option('--app-type <type>', 'AppType of the target: a number or a name', applicationType)
    .option('--user-data <parameter...>', 'UserData, written as the parameters are (takes all up to the next option)')
    .option('--timeout <ms>', 'how long to wait for the connection and for the reply', milliseconds, 15_000)
    .option('--charset <name>', 'of type 0 strings', 'utf-8')
    .option('--tls', 'connect with TLS, trusting the authorities that Node trusts')
    .option('--tls-ca <file>', 'connect with TLS, trusting these authorities (PEM)')
    .option('--tls-cert <file>', 'the client certificate (PEM)')
    .option('--tls-key <file>', "the client certificate's key (PEM)")
    .option('--json', 'print the whole message as JSON')
    .addHelpText('after', HELP)
    .action(send);
}

async function send(service: string, method: string, words: string[], options: SendOptions): Promise<void> {
  const { appName, appType } = options;
  const call = {
    service,
    method,
    parameters: list(words),
    ...(appName === undefined ? {} : { appName }),
    ...(appType === undefined ? {} : { appType }),
    ...(options.userData === undefined ? {} : { userData: list(options.userData) }),
  };
  const reply = await answer(options, (client) => client.request(call, { timeoutMs: options.timeout }));
  process.stdout.write(
    options.json ? `${JSON.stringify(messageToJson(reply.message))}\n` : formatParameters(printed(reply)),
  );
  if (reply.fault !== undefined) process.exitCode = 2;
}

/** Some servers put FaultCode and FaultString beside Parameters. */
function printed({ fault, parameters }: EspReply): KeyValueList {
  if (fault === undefined || parameters.has('FaultCode')) return parameters;
  const { code, text } = fault;
  return new KeyValueList([
    ...parameters.entries,
    ...KeyValueList.from({ FaultCode: code, FaultString: text }).entries,
  ]);
}

async function answer(options: SendOptions, ask: (client: EspClient) => Promise<EspReply>): Promise<EspReply> {
  const tls = tlsOf(options);
  try {
    const client = new EspClient({
      ...options.to,
      charset: options.charset,
      connectTimeoutMs: options.timeout,
      ...(tls === undefined ? {} : { tls }),
    });
    await client.connect();
    return await ask(client).finally(() => client.close());
  } catch (error) {
    throw new CommandFailed((error as Error).message, 1, { cause: error });
  }
}

function tlsOf(options: SendOptions): { ca?: string; certificate?: string; key?: string } | undefined {
  const { tlsCa, tlsCert, tlsKey } = options;
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw new CommandFailed('--tls-cert and --tls-key go together');
  if (!options.tls && tlsCa === undefined && tlsCert === undefined) return undefined;
  return {
    ...(tlsCa === undefined ? {} : { ca: read(tlsCa) }),
    ...(tlsCert === undefined ? {} : { certificate: read(tlsCert) }),
    ...(tlsKey === undefined ? {} : { key: read(tlsKey) }),
  };
}

function read(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandFailed(`cannot read ${file}: ${(error as Error).message}`);
  }
  if (!text.includes('-----BEGIN ')) throw new CommandFailed(`${file} is no PEM file: it has no -----BEGIN line`);
  return text;
}

function list(words: readonly string[]): KeyValueList {
  try {
    return parseParameters(words);
  } catch (error) {
    throw new CommandFailed((error as Error).message);
  }
}

const toOption = (): Option =>
  new Option('--to <host:port>', 'the ESP server, or an Interaction Server')
    .argParser(parseAddress)
    .default(parseAddress('127.0.0.1:7120'), '127.0.0.1:7120');

function applicationType(text: string): string | number {
  if (!/^\d+$/.test(text)) return text;
  if (!isInt32(Number(text))) throw new InvalidArgumentError('a type is a name, or a number of 32 bits.');
  return Number(text);
}

/** A timer keeps times of up to 24 days. */
function milliseconds(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (!isInt32(value) || value < 1)
    throw new InvalidArgumentError('a time is a whole number of ms, from 1 to 2147483647.');
  return value;
}
