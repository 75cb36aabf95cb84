import { writeFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { CommandFailed } from './command-failed.js';
import { loadMock } from './load-mock.js';
import { namedCharset } from './named-charset.js';

interface FromOptions {
  readonly out?: string;
  readonly appName?: string;
  readonly appType?: number;
  readonly charset: string;
}

export function stubsCommand(): Command {
  const stubs = new Command('stubs').description('Files of stubs, which answer in the place of an ESP server.');
  stubs
    .command('from')
    .description('Turn a recording into stubs that answer as its server did.')
    .argument('<recording>', 'a file that esp-host record wrote')
    .option('--out <file>', 'a new file, in place of printing it')
    .option('--app-name <name>', 'the application that the stubs are; the AppName of the recording unless given')
    .option(
      '--app-type <number>',
      'the number of its type; that of the recording, or else 23, unless given',
      typeNumber,
    )
    .option('--charset <name>', 'of type 0 strings', 'utf-8')
    .addHelpText('after', '\nExit code: 0, or 1 where the recording cannot be read or has nothing to answer with.')
    .action(from);
  return stubs;
}

async function from(recording: string, { out, appName, appType, charset }: FromOptions): Promise<void> {
  const set = namedCharset(charset);
  const { stubsFrom } = await loadMock();
  try {
    const text = stubsFrom(recording, { name: appName, type: appType }, set);
    if (out === undefined) process.stdout.write(text);
    else writeFileSync(out, text, { flag: 'wx' });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CommandFailed(code === 'EEXIST' ? `${out} is there already: choose another --out` : message);
  }
}

function typeNumber(text: string): number {
  const type = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (type < 1) throw new InvalidArgumentError('a type is a whole number above 0, such as 23.');
  return type;
}
