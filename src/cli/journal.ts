import { Command, InvalidArgumentError, Option } from 'commander';
import { formatParameters } from '../client/index.js';
import { hasCode, type JsonEntry, listFromJson } from '../esp/index.js';
import { CommandError } from './errors.js';
import { importMock } from './mock.js';
import { charsetOption, configOption, namedCharset, wholeNumber } from './options.js';

export function journalCommand(): Command {
  const journal = new Command('journal').description('List, show and export the exchanges of a running mock platform.');
  return journal.addCommand(listCommand()).addCommand(showCommand()).addCommand(exportCommand());
}

const EXIT_CODE = '\nExit code: 0, or 1 if the platform does not answer or has no such entry.';

export const adminOption = (): Option =>
  new Option('--admin <url>', 'URL of the admin API').argParser(adminUrl).default('http://127.0.0.1:8080');

const listCommand = (): Command =>
  new Command('list')
    .description('Print the latest exchanges, oldest first, one per line.')
    .option('--service <name>', 'filter by Service')
    .option('--method <name>', 'filter by Method')
    .option('--application <name>', 'filter by application')
    .addOption(
      new Option('--outcome <outcome>', 'filter by outcome').choices(['response', 'fault', 'none', 'lost', 'pending']),
    )
    .option('--text <text>', 'filter by text')
    .option('--limit <n>', 'maximum number of exchanges', wholeNumber(), 20)
    .option('--json', 'print one JSON object per line')
    .addOption(adminOption())
    .addHelpText('after', EXIT_CODE)
    .action(list);

const showCommand = (): Command =>
  new Command('show')
    .description('Print an exchange as JSON.')
    .argument('<id>', 'number of the entry', wholeNumber())
    .addOption(adminOption())
    .addHelpText('after', EXIT_CODE)
    .action(async (id: number, { admin }: { admin: string }) => {
      const entry: unknown = JSON.parse(await getText(admin, `/api/journal/${id}`));
      process.stdout.write(`${JSON.stringify(entry, undefined, 2)}\n`);
    });

const exportCommand = (): Command =>
  new Command('export')
    .description('Export an exchange as a command line, stubs, a strategy with its test, or a jest test.')
    .argument('<id>', 'number of the entry; with --recording, line of the request', wholeNumber())
    .addOption(new Option('--as <form>', 'form of the export').choices(FORMS).makeOptionMandatory())
    .addOption(adminOption())
    .option('--recording <file>', 'export from this recording (see record), not from a platform')
    .addOption(charsetOption('charset of type 0 strings, with --recording'))
    .addOption(configOption('configuration of the plugin and its channels, for a test with --recording'))
    .addHelpText('after', EXPORT_HELP)
    .action(async (id: number, options: ExportOptions) => {
      const { as, admin, recording } = options;
      const text =
        recording === undefined
          ? getText(admin, `/api/journal/${id}/export?as=${as}`)
          : recorded(recording, id, options);
      printExport(await text, as);
    });

/** The comment on a test that failed when it was made. */
const FAILS = /^\/\/ This test fails: (.*)$/m;

function printExport(text: string, form: (typeof FORMS)[number]): void {
  process.stdout.write(text);
  const [, why] = (form === 'test' && FAILS.exec(text)) || [];
  if (why !== undefined) process.stderr.write(`the exported test fails: ${why}\n`);
}

const FORMS = ['send', 'stub', 'http-stub', 'strategy-case', 'test'] as const;

const EXPORT_HELP = `
stub exports the answer of the ESP server, http-stub those of its upstreams.

A test uses jest and esp-host/testing. It repeats the request, with the recorded
answers of upstreams and with masked secrets. It runs once before it is printed,
so the method runs again; if the test fails, stderr and a comment say why. Recordings
contain no upstream calls.

Exit code: 0, or 1 if the platform does not answer, has no such entry, or the
form cannot express it.`;

interface ExportOptions {
  readonly as: (typeof FORMS)[number];
  readonly admin: string;
  readonly recording?: string;
  readonly charset: string;
  readonly config: string;
}

async function recorded(file: string, line: number, { as: form, ...options }: ExportOptions): Promise<string> {
  const charset = namedCharset(options.charset);
  const { recordedExport } = await importMock();
  try {
    return await recordedExport({ file, line, form, charset, config: options.config });
  } catch (error) {
    if (!hasCode(error, 'ESP_MOCK_NOT_EXPORTABLE', 'ESP_MOCK_INVALID_RECORDING')) throw error;
    throw new CommandError((error as Error).message, { cause: error });
  }
}

interface ListOptions {
  readonly admin: string;
  readonly json?: true;
  readonly [filter: string]: string | number | true | undefined;
}

const FILTERS = ['service', 'method', 'application', 'outcome', 'text', 'limit'];

async function list({ admin, json, ...options }: ListOptions): Promise<void> {
  const given = FILTERS.flatMap((name): [string, string][] =>
    options[name] === undefined ? [] : [[name, String(options[name])]],
  );
  const { entries } = JSON.parse(await getText(admin, `/api/journal?${new URLSearchParams(given)}`)) as {
    entries: Summary[];
  };
  for (const entry of entries.reverse()) {
    process.stdout.write(json ? `${JSON.stringify(entry)}\n` : line(entry));
  }
}

interface Summary {
  readonly id: number;
  readonly at: number;
  readonly durationMs: number | null;
  readonly application: string;
  readonly service: string;
  readonly method: string;
  readonly parameters: JsonEntry[];
  readonly outcome: string;
  readonly results: JsonEntry[];
}

/** `12  10:31:05.123  DMS Messaging.ValidateContact Id=+16315551002 => response Id=+16315551002 (39 ms)` */
function line({ id, at, durationMs, application, service, method, parameters, outcome, results }: Summary): string {
  const time = new Date(at).toISOString().slice(11, 23);
  const took = durationMs === null ? '' : ` (${Math.round(durationMs)} ms)`;
  const request = `${application} ${service}.${method} ${words(parameters)}`.trimEnd();
  return `${id}  ${time}  ${request} => ${`${outcome} ${words(results)}`.trimEnd()}${took}\n`;
}

const words = (entries: JsonEntry[]): string => formatParameters(listFromJson(entries)).trimEnd().replaceAll('\n', ' ');

export async function getText(admin: string, path: string): Promise<string> {
  const response = await fetch(admin + path).catch((error: Error) => {
    const { message } = (error.cause ?? error) as Error;
    const advice = 'start the mock platform (npm start), or set --admin';
    throw new CommandError(`no answer from ${admin}: ${message}; ${advice}`, { cause: error });
  });
  const text = await response.text();
  if (!response.ok) throw new CommandError(problemIn(text) ?? `${admin} answered with status ${response.status}`);
  return text;
}

function problemIn(text: string): string | undefined {
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    return typeof error === 'string' ? error : undefined;
  } catch {
    return undefined;
  }
}

function adminUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new InvalidArgumentError('Expected a URL such as http://127.0.0.1:8080.');
  }
  return url.origin;
}
