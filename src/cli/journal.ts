import { Command, InvalidArgumentError, Option } from 'commander';
import { formatParameters } from '../client/parameters.js';
import { hasCode, type JsonEntry, listFromJson } from '../esp/index.js';
import { CommandFailed } from './command-failed.js';
import { loadMock } from './load-mock.js';
import { namedCharset } from './named-charset.js';

export function journalCommand(): Command {
  const journal = new Command('journal').description(
    'See what passed through a mock platform that runs, and repeat it.',
  );
  return journal.addCommand(listCommand()).addCommand(showCommand()).addCommand(exportCommand());
}

const END = '\nExit code: 0, or 1 where the platform does not answer or has no such entry.';

const adminOption = (): Option =>
  new Option('--admin <url>', 'the admin API of the platform').argParser(adminUrl).default('http://127.0.0.1:8080');

const listCommand = (): Command =>
  new Command('list')
    .description('Print the last exchanges, oldest first: a line each.')
    .option('--service <name>', 'only this Service')
    .option('--method <name>', 'only this Method')
    .option('--application <name>', 'only this application')
    .addOption(
      new Option('--outcome <outcome>', 'only these').choices(['response', 'fault', 'none', 'lost', 'pending']),
    )
    .option('--text <text>', 'only those with this text in them')
    .option('--limit <n>', 'how many', whole, 20)
    .option('--json', 'print them as JSON, one a line')
    .addOption(adminOption())
    .addHelpText('after', END)
    .action(list);

const showCommand = (): Command =>
  new Command('show')
    .description('Print all that is known of an exchange, as JSON.')
    .argument('<id>', 'of the entry', whole)
    .addOption(adminOption())
    .addHelpText('after', END)
    .action(async (id: number, { admin }: { admin: string }) => {
      const entry: unknown = JSON.parse(await asked(admin, `/api/journal/${id}`));
      process.stdout.write(`${JSON.stringify(entry, undefined, 2)}\n`);
    });

const exportCommand = (): Command =>
  new Command('export')
    .description(
      'Print what repeats an exchange: a command line, a file of stubs, a strategy with its test, or a jest test.',
    )
    .argument('<id>', 'of the entry; with --recording the line of the request', whole)
    .addOption(new Option('--as <form>', 'which of them').choices(FORMS).makeOptionMandatory())
    .addOption(adminOption())
    .option('--recording <file>', 'a file that esp-host record wrote, in place of the platform')
    .option('--charset <name>', 'of type 0 strings, with --recording', 'utf-8')
    .option('--config <file>', 'for a test, with --recording: where its plugin and channels stand', 'config.yaml')
    .addHelpText('after', EXPORT_HELP)
    .action(async (id: number, options: ExportOptions) => {
      const { as, admin, recording } = options;
      const text = recording === undefined ? asked(admin, `/api/journal/${id}/export?as=${as}`) : recorded(id, options);
      process.stdout.write(await text);
    });

const FORMS = ['send', 'stub', 'strategy-case', 'test'] as const;

const EXPORT_HELP = `
A test is one for jest on esp-host/testing: the method asked the same, its
upstreams made up of what they answered, secrets masked. It is tried before it
is printed, so that the method runs again; where it does not pass as it stands,
a comment says why. A recording has no calls of upstreams.

Exit code: 0, or 1 where the platform does not answer, or there is no such entry
or nothing that the form could say of it.`;

interface ExportOptions {
  readonly as: (typeof FORMS)[number];
  readonly admin: string;
  readonly recording?: string;
  readonly charset: string;
  readonly config: string;
}

async function recorded(line: number, { recording: file = '', as: form, ...options }: ExportOptions): Promise<string> {
  const charset = namedCharset(options.charset);
  const { recordedExport } = await loadMock();
  try {
    return await recordedExport({ file, line, form, charset, config: options.config });
  } catch (error) {
    if (!hasCode(error, 'ESP_MOCK_NOT_EXPORTABLE', 'ESP_MOCK_INVALID_RECORDING')) throw error;
    throw new CommandFailed((error as Error).message);
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
  const { entries } = JSON.parse(await asked(admin, `/api/journal?${new URLSearchParams(given)}`)) as {
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

async function asked(admin: string, path: string): Promise<string> {
  const response = await fetch(admin + path).catch((error: Error) => {
    const { cause } = error;
    const why = cause instanceof Error ? cause.message : error.message;
    throw new CommandFailed(
      `no answer from ${admin}: ${why}; start the mock platform (npm start), or name another with --admin`,
    );
  });
  const text = await response.text();
  if (!response.ok) throw new CommandFailed(problemIn(text) ?? `${admin} answered with status ${response.status}`);
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
    throw new InvalidArgumentError('an address is written http://127.0.0.1:8080.');
  }
  return url.origin;
}

function whole(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('a whole number above 0.');
  return value;
}
