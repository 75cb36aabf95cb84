import { Command } from 'commander';
import { failCommand } from './errors.js';
import { writeText } from './files.js';
import { importMock } from './mock.js';
import { charsetOption, namedCharset, wholeNumber } from './options.js';

interface FromOptions {
  readonly out?: string;
  readonly appName?: string;
  readonly appType?: number;
  readonly charset: string;
}

export function stubsCommand(): Command {
  const stubs = new Command('stubs').description('Create stub files, which answer in place of an ESP server.');
  stubs
    .command('from')
    .description('Convert a recording to stubs that answer as its server did.')
    .argument('<recording>', 'file written by esp-host record')
    .option('--out <file>', 'write to this new file, not to stdout')
    .option('--app-name <name>', "name of the stub application (default: the recording's AppName)")
    .option(
      '--app-type <number>',
      "type number of the stub application (default: the recording's AppType, or 23)",
      wholeNumber(999_999_999),
    )
    .addOption(charsetOption())
    .addHelpText('after', '\nExit code: 0, or 1 if the recording cannot be read or contains no replies.')
    .action(from);
  return stubs;
}

async function from(recording: string, { out, appName, appType, charset }: FromOptions): Promise<void> {
  const set = namedCharset(charset);
  const { stubsFrom } = await importMock();
  let text: string;
  try {
    text = stubsFrom(recording, { name: appName, type: appType }, set);
  } catch (error) {
    return failCommand(error);
  }
  if (out === undefined) process.stdout.write(text);
  else writeText(out, text, { exclusive: true });
}
