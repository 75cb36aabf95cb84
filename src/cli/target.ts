import { type Command, InvalidArgumentError } from 'commander';
import { type ClientTls, parseParameters } from '../client/index.js';
import { isInt32, type KeyValueList } from '../esp/index.js';
import { CommandError, failCommand } from './errors.js';
import { readPem } from './files.js';
import { charsetOption } from './options.js';

/** Options of a TLS connection. */
export interface TlsOptions {
  readonly tls?: true;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
}

/** Options of a connection to an ESP server. */
export interface ConnectionOptions extends TlsOptions {
  readonly charset: string;
}

/** Options of a request: its target, and the connection. */
export interface TargetOptions extends ConnectionOptions {
  readonly appName?: string;
  readonly appType?: string | number;
}

export const withTlsOptions = (command: Command): Command =>
  command
    .option('--tls', 'connect with TLS, with the certificate authorities of Node.js')
    .option('--tls-ca <file>', 'connect with TLS, with these certificate authorities (PEM)')
    .option('--tls-cert <file>', 'client certificate (PEM)')
    .option('--tls-key <file>', 'key of the client certificate (PEM)');

export const withConnectionOptions = (command: Command): Command => withTlsOptions(command.addOption(charsetOption()));

export const withTargetOptions = (command: Command): Command =>
  withConnectionOptions(
    command
      .option('--app-name <name>', 'AppName of the request')
      .option(
        '--app-type <type>',
        'AppType of the request: a number or a name ("171" in quotes is a string)',
        applicationType,
      ),
  );

/** AppName and AppType, if given. */
export const targetOf = ({ appName, appType }: TargetOptions): { appName?: string; appType?: string | number } => ({
  ...(appName === undefined ? {} : { appName }),
  ...(appType === undefined ? {} : { appType }),
});

/** The `tls` option of a client, if any TLS option is given. @throws CommandError */
export function tlsOf(options: TlsOptions): { tls?: ClientTls } {
  const { tlsCa, tlsCert, tlsKey } = options;
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw new CommandError('--tls-cert and --tls-key must be used together');
  if (!options.tls && tlsCa === undefined && tlsCert === undefined) return {};
  return {
    tls: {
      ...(tlsCa === undefined ? {} : { ca: readPem(tlsCa) }),
      ...(tlsCert === undefined ? {} : { certificate: readPem(tlsCert) }),
      ...(tlsKey === undefined ? {} : { key: readPem(tlsKey) }),
    },
  };
}

/** @throws CommandError */
export function parametersOf(words: readonly string[]): KeyValueList {
  try {
    return parseParameters(words);
  } catch (error) {
    return failCommand(error);
  }
}

function applicationType(text: string): string | number {
  if (/^"\d+"$/.test(text)) return text.slice(1, -1);
  if (!/^\d+$/.test(text)) return text;
  if (!isInt32(Number(text))) throw new InvalidArgumentError('Expected a name, or a number of up to 32 bits.');
  return Number(text);
}
