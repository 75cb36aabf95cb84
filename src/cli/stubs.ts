import { Command } from 'commander';
import { CommandError, failCommand } from './errors.js';
import { writeText } from './files.js';
import { adminOption, getText } from './journal.js';
import { importMock } from './mock.js';
import { charsetOption, namedCharset, wholeNumber } from './options.js';

interface FromOptions {
  readonly out?: string;
  readonly upstream?: string;
  readonly admin: string;
  readonly appName?: string;
  readonly appType?: number;
  readonly charset: string;
}

export function stubsCommand(): Command {
  const stubs = new Command('stubs').description('Create stub files, which answer in place of an ESP server.');
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
  return stubs;
}

const HELP = `
Give either a recording, for the stubs of an ESP server, or --upstream, for the
HTTP stubs of an upstream from the journal of a running mock platform.

Exit code: 0, or 1 if the recording cannot be read, the platform does not
answer, or there are no replies.`;

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
