import { Command } from 'commander';
import { ConfigError, type Problem } from '../config/index.js';

export const checkCommand = (): Command =>
  new Command('check')
    .description('Check a configuration with its plugins, channels and certificates, without starting anything.')
    .argument('[config]', 'configuration file', 'config.yaml')
    .option('--typescript', 'allow TypeScript plugins, as the mock platform does')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExit code: 0 if the configuration is valid, even with warnings, 1 if not (file:line:column on stderr).',
    )
    .action(check);

interface CheckOptions {
  readonly typescript?: boolean;
  readonly json?: true;
}

/** What `--json` prints. */
interface Report {
  readonly file: string;
  readonly valid: boolean;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  readonly application?: { readonly name: string; readonly type: number };
  readonly channels?: readonly string[];
  readonly methods?: readonly string[];
}

async function check(file: string, { typescript = false, json }: CheckOptions): Promise<void> {
  const report = await reportOf(file, typescript);
  process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : summary(report));
  if (!json) process.stderr.write(remarks(report));
  if (!report.valid) process.exitCode = 1;
}

// Imports the host only when it runs, which keeps the start of the other commands fast.
async function reportOf(file: string, typescript: boolean): Promise<Report> {
  const { methodName, prepareFile } = await import('../server/index.js');
  const { hintsOf } = await import('../doctor/index.js');
  try {
    const prepared = await prepareFile(file, { typescript });
    const { application, channels, plugins } = prepared;
    return {
      ...{ file, valid: true, problems: [], warnings: [...prepared.warnings, ...hintsOf(prepared)] },
      application: { name: application.name, type: application.type },
      channels: channels.list().map(({ name }) => name),
      methods: plugins.flatMap(({ definition }) => definition.methods.flatMap((method) => methodName(method) ?? [])),
    };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { file, valid: false, problems: error.problems, warnings: [] };
  }
}

function summary({ file, valid, application, channels = [], methods = [] }: Report): string {
  if (!valid) return '';
  return (
    `${file} is valid: ${application?.name} (type ${application?.type}), ` +
    `channels ${channels.join(', ') || 'none'}, methods ${methods.join(', ') || 'none'}\n`
  );
}

const remarks = ({ problems, warnings }: Report): string =>
  [
    ...problems.map((one) => `${place(one)}: ${one.message}\n`),
    ...warnings.map((one) => `${place(one)}: warning: ${one.message}\n`),
  ].join('');

const place = ({ file, line, column }: Problem): string => `${file}:${line}:${column}`;
