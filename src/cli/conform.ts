import { Command, Option } from 'commander';
import type { EspRequestOptions } from '../client/index.js';
import { CHECK_IDS, type ConformResult, conform } from '../conform/index.js';
import { failCommand } from './errors.js';
import {
  type Address,
  milliseconds,
  namedCharset,
  parseAddress,
  type ServiceMethod,
  serviceMethod,
} from './options.js';
import { parametersOf, type TargetOptions, targetOf, tlsOf, withTargetOptions } from './target.js';

interface ConformOptions extends TargetOptions {
  readonly timeout: number;
  readonly slow?: ServiceMethod;
  readonly only?: string[];
  readonly json?: true;
}

const HELP = `
The checks repeat one request: Service.Method with its parameters, or one for a
method that no server has, since a fault is a reply, too. Choose a method that
changes nothing and needs no other system.

States: ok; DEVIATES, with what a client of the vendor's SDK notices; note, which
is unusual, but clients can live with it; skipped.

Exit code: 0 if nothing deviates, 2 if something does, 1 if the server cannot be
reached.`;

export function conformCommand(): Command {
  const command = new Command('conform')
    .description(
      'Check whether any ESP server speaks the protocol as its clients expect. Sends it some 6,000 requests.',
    )
    .argument('<host:port>', 'the server', parseAddress)
    .argument('[service.method]', 'the request to repeat', serviceMethod)
    .argument('[parameters...]', `Name=text, Name:=5 (int), Name:='{"a":"b"}' (list)`);
  return withTargetOptions(command)
    .option('--slow <service.method>', 'a method that takes a second or so, for the order of replies', serviceMethod)
    .option('--timeout <ms>', 'how long to wait for anything from the server', milliseconds, 5000)
    .addOption(new Option('--only <id...>', 'these checks, and the first').choices(CHECK_IDS))
    .option('--json', 'print JSON: an array with an object per check')
    .addHelpText('after', HELP)
    .action(run);
}

/** Unknown to any server. */
const NOWHERE: ServiceMethod = { service: 'EspHostConform', method: 'Ask' };

async function run(
  { host, port }: Address,
  method: ServiceMethod = NOWHERE,
  words: string[] = [],
  options: ConformOptions,
): Promise<void> {
  const request: EspRequestOptions = { ...method, ...targetOf(options), parameters: parametersOf(words) };
  const results: ConformResult[] = [];
  const checks = conform(
    {
      host,
      port,
      ...tlsOf(options),
      charset: namedCharset(options.charset),
      connectTimeoutMs: options.timeout,
      timeoutMs: options.timeout,
      request,
      slowRequest: options.slow,
    },
    options.only,
  );
  try {
    for await (const result of checks) {
      results.push(result);
      if (!options.json) process.stdout.write(lineOf(result));
    }
  } catch (error) {
    failCommand(error);
  }
  process.stdout.write(options.json ? `${JSON.stringify(results, null, 2)}\n` : summaryOf(results));
  if (results.some(({ state }) => state === 'deviation')) process.exitCode = 2;
}

const SIGNS = { ok: 'ok      ', deviation: 'DEVIATES', note: 'note    ', skipped: 'skipped ' } as const;

function lineOf({ id, title, state, text, notice }: ConformResult): string {
  const more = [text, notice === undefined ? undefined : `a client notices: ${notice}`];
  const below = more.filter((line) => line !== undefined).map((line) => `          ${line}\n`);
  return `${SIGNS[state]}  ${id}: ${title}\n${below.join('')}`;
}

function summaryOf(results: readonly ConformResult[]): string {
  const count = (state: ConformResult['state']): number => results.filter((result) => result.state === state).length;
  const [ok, deviates, noted, skipped] = [count('ok'), count('deviation'), count('note'), count('skipped')];
  return `${results.length} checks: ${ok} ok, ${deviates} deviate, ${noted} noted, ${skipped} skipped\n`;
}
