import { Command, InvalidArgumentError } from 'commander';
import { EspClient, type EspReply, formatParameters } from '../client/index.js';
import { KeyValueList, messageToJson } from '../esp/index.js';
import { failCommand } from './errors.js';
import { type Address, addressOption, milliseconds, serviceMethod } from './options.js';
import { parametersOf, type TargetOptions, targetOf, tlsOf, withTargetOptions } from './target.js';

interface SendOptions extends TargetOptions {
  readonly to: Address;
  readonly userData?: string[];
  readonly utf16?: true;
  readonly timeout: number;
  readonly json?: true;
}

const HELP = `
Parameters: Name=text is a string, Name:=5 an int, Name:='{"a":"b"}' a list,
Name:='{"a":["b","c"]}' one with a repeated key,
Name:hex=00ff bytes, Name:utf16=text a UTF-16 string. The output has the same
form: strings with line breaks as Name:="a\\nb", unusual names as "a=b"=text.

Exit code: 0 for a response, 2 for a fault, 1 if there is no reply.`;

export function sendCommand(): Command {
  const command = new Command('send')
    .description('Send an ESP request and print the parameters of the reply.')
    .argument('<service>', 'such as Messaging, or Messaging.ValidateContact without the next')
    .argument('[method]', 'such as ValidateContact')
    .argument('[parameters...]', `Name=text, Name:=5 (int), Name:='{"a":"b"}' (list)`)
    .addOption(addressOption('--to <host:port>', 'ESP server or Interaction Server', '127.0.0.1:7120'));
  return withTargetOptions(command)
    .option('--user-data <parameter...>', 'UserData, in the form of parameters (takes all words up to the next option)')
    .option('--utf16', 'send Service, Method and other names as UTF-16 strings; the reply uses them too')
    .option('--timeout <ms>', 'timeout of the connection and of the reply', milliseconds, 15_000)
    .option('--json', 'print the whole message as JSON')
    .addHelpText('after', HELP)
    .action(send);
}

async function send(
  service: string,
  method: string | undefined,
  words: string[],
  options: SendOptions,
  command: Command,
): Promise<void> {
  const call = {
    ...callOf(service, method, words, command),
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

/** `Service Method Name=text` or `Service.Method Name=text`: a method has no equals sign. @throws CommanderError */
function callOf(service: string, method: string | undefined, words: readonly string[], command: Command) {
  if (method !== undefined && !method.includes('=')) return { service, method, parameters: parametersOf(words) };
  try {
    return { ...serviceMethod(service), parameters: parametersOf(method === undefined ? words : [method, ...words]) };
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    return command.error("error: missing required argument 'method'");
  }
}

/** Some servers put FaultCode and FaultString next to Parameters, not into them. */
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
    return failCommand(error);
  }
}
