import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import type { ClientTls } from '../client/index.js';
import { parseParameters } from '../client/parameters.js';
import { isInt32, type KeyValueList } from '../esp/index.js';
import { CommandFailed } from './command-failed.js';

/** Whether a connection is made with TLS, and with what. */
export interface TlsOptions {
  readonly tls?: true;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
}

/** How a server is reached. */
export interface ConnectionOptions extends TlsOptions {
  readonly charset: string;
}

/** What the commands that ask an ESP server have in common: whom the request names, and how it gets there. */
export interface TargetOptions extends ConnectionOptions {
  readonly appName?: string;
  readonly appType?: string | number;
}

export const withTlsOptions = (command: Command): Command =>
  command
    .option('--tls', 'connect with TLS, trusting the authorities that Node trusts')
    .option('--tls-ca <file>', 'connect with TLS, trusting these authorities (PEM)')
    .option('--tls-cert <file>', 'the client certificate (PEM)')
    .option('--tls-key <file>', "the client certificate's key (PEM)");

export const withConnectionOptions = (command: Command): Command =>
  withTlsOptions(command.option('--charset <name>', 'of type 0 strings', 'utf-8'));

export const withTargetOptions = (command: Command): Command =>
  withConnectionOptions(
    command
      .option('--app-name <name>', 'AppName of the target')
      .option(
        '--app-type <type>',
        'AppType of the target: a number or a name ("171" in quotes is a text)',
        applicationType,
      ),
  );

/** AppName and AppType, where given. */
export const targetOf = ({ appName, appType }: TargetOptions): { appName?: string; appType?: string | number } => ({
  ...(appName === undefined ? {} : { appName }),
  ...(appType === undefined ? {} : { appType }),
});

/** `tls` for a client, where it is asked for. @throws CommandFailed */
export function tlsOf(options: TlsOptions): { tls?: ClientTls } {
  const { tlsCa, tlsCert, tlsKey } = options;
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw new CommandFailed('--tls-cert and --tls-key go together');
  if (!options.tls && tlsCa === undefined && tlsCert === undefined) return {};
  return {
    tls: {
      ...(tlsCa === undefined ? {} : { ca: read(tlsCa) }),
      ...(tlsCert === undefined ? {} : { certificate: read(tlsCert) }),
      ...(tlsKey === undefined ? {} : { key: read(tlsKey) }),
    },
  };
}

/** @throws CommandFailed */
export function parametersOf(words: readonly string[]): KeyValueList {
  try {
    return parseParameters(words);
  } catch (error) {
    throw new CommandFailed((error as Error).message);
  }
}

/** A timer keeps times of up to 24 days. */
export function milliseconds(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (!isInt32(value) || value < 1)
    throw new InvalidArgumentError('a time is a whole number of ms, from 1 to 2147483647.');
  return value;
}

function applicationType(text: string): string | number {
  if (/^"\d+"$/.test(text)) return text.slice(1, -1);
  if (!/^\d+$/.test(text)) return text;
  if (!isInt32(Number(text))) throw new InvalidArgumentError('a type is a name, or a number of 32 bits.');
  return Number(text);
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
