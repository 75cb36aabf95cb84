import { Command, Option } from 'commander';
import { EspClient, type EspReply } from '../client/index.js';
import { formatParameters } from '../client/parameters.js';
import { KeyValueList, messageToJson } from '../esp/index.js';
import { type Address, parseAddress } from './address.js';
import { CommandFailed } from './command-failed.js';
import { milliseconds, parametersOf, type TargetOptions, targetOf, tlsOf, withTargetOptions } from './target.js';

interface SendOptions extends TargetOptions {
  readonly to: Address;
  readonly userData?: string[];
  readonly utf16?: true;
  readonly timeout: number;
  readonly json?: true;
}

const HELP = `
Parameters: Name=text is a string, Name:=5 an int, Name:='{"a":"b"}' a list,
Name:hex=00ff bytes, Name:utf16=text a UTF-16 string. What is printed can be
sent again; strings with line breaks are printed as Name:="a\\nb", odd names as
"a=b"=text.

Exit code: 0 for a response, 2 for a fault, 1 where no answer came.`;

export function sendCommand(): Command {
  const command = new Command('send')
    .description('Send one ESP request and print the parameters of its reply.')
    .argument('<service>', 'for instance Messaging')
    .argument('<method>', 'for instance ValidateContact')
    .argument('[parameters...]', `Name=text, Name:=5 (int), Name:='{"a":"b"}' (list)`)
    .addOption(toOption());
  return withTargetOptions(command)
    .option('--user-data <parameter...>', 'UserData, written as the parameters are (takes all up to the next option)')
    .option('--utf16', 'send Service, Method and the other names as UTF-16 strings; the reply then comes so, too')
    .option('--timeout <ms>', 'how long to wait for the connection and for the reply', milliseconds, 15_000)
    .option('--json', 'print the whole message as JSON')
    .addHelpText('after', HELP)
    .action(send);
}

async function send(service: string, method: string, words: string[], options: SendOptions): Promise<void> {
  const call = {
    service,
    method,
    parameters: parametersOf(words),
    ...targetOf(options),
    ...(options.userData === undefined ? {} : { userData: parametersOf(options.userData) }),
    ...(options.utf16 ? { text: 'utf16' as const } : {}),
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
      ...tls,
    });
    await client.connect();
    return await ask(client).finally(() => client.close());
  } catch (error) {
    throw new CommandFailed((error as Error).message, 1, { cause: error });
  }
}

const toOption = (): Option =>
  new Option('--to <host:port>', 'the ESP server, or an Interaction Server')
    .argParser(parseAddress)
    .default(parseAddress('127.0.0.1:7120'), '127.0.0.1:7120');
