import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { ConfigError, type Problem } from '../config/index.js';
import { hasCode } from '../esp/index.js';
import { fileKind } from './check/file-kind.js';
import { importMock } from './mock.js';

const HELP = `
The files may be config.yaml, platform.yaml, stub files, strategies or a folder
of them, and recordings. What strategies can ask is known from the config.yaml
and platform.yaml among the files, or else from those in this folder.

Exit code: 0 if all are valid, even with warnings, 1 if not (file:line:column on
stderr).`;

export const checkCommand = (): Command =>
  new Command('check')
    .description(
      'Check a configuration with its plugins, channels and certificates, or other files, without starting anything.',
    )
    .argument('[files...]', 'files to check (default: config.yaml)')
    .option('--typescript', 'allow TypeScript plugins, as the mock platform does')
    .option('--json', 'print JSON: an array with an object per file')
    .addHelpText('after', HELP)
    .action(check);

interface CheckOptions {
  readonly typescript?: boolean;
  readonly json?: true;
}

/** The result for a file, as `--json` prints it. */
interface Report {
  readonly file: string;
  readonly valid: boolean;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  /** What a valid file holds. */
  readonly holds?: string;
  readonly application?: { readonly name: string; readonly type: number };
  readonly channels?: readonly string[];
  readonly methods?: readonly string[];
}

type Content = Omit<Report, 'file' | 'valid' | 'problems'>;

async function check(given: readonly string[], { typescript = false, json }: CheckOptions): Promise<void> {
  const files = (given.length === 0 ? ['config.yaml'] : given).map((file) => ({ file, kind: fileKind(file) }));
  const around = { config: files.find(isOf('config'))?.file, platform: files.find(isOf('platform'))?.file };
  const reports: Report[] = [];
  for (const { file, kind } of files) {
    const content = () => (kind === 'config' ? configContent(file, typescript) : otherContent(kind, file, around));
    const report = await reportOf(file, content);
    reports.push(report);
    if (json) continue;
    process.stdout.write(report.holds === undefined ? '' : `${file} is valid: ${report.holds}\n`);
    process.stderr.write(remarks(report));
  }
  if (json) process.stdout.write(`${JSON.stringify(reports, null, 2)}\n`);
  if (reports.some(({ valid }) => !valid)) process.exitCode = 1;
}

type FileKind = ReturnType<typeof fileKind>;

const isOf =
  (wanted: FileKind) =>
  ({ kind }: { readonly kind: FileKind }): boolean =>
    kind === wanted;

async function reportOf(file: string, content: () => Promise<Content>): Promise<Report> {
  try {
    return { file, valid: true, problems: [], ...(await content()) };
  } catch (error) {
    const problems = problemsOf(error, file);
    if (problems === undefined) throw error;
    return { file, valid: false, problems, warnings: [] };
  }
}

/** Undefined for an unexpected error. */
function problemsOf(error: unknown, file: string): readonly Problem[] | undefined {
  if (error instanceof ConfigError) return error.problems;
  if (!hasCode(error, 'ESP_MOCK_INVALID_RECORDING')) return undefined;
  const { message, problem } = error as Error & { readonly problem?: Problem };
  return [problem ?? { file, line: 1, column: 1, message }];
}

// Imports the host only when it runs, which keeps the start of the other commands fast.
async function configContent(file: string, typescript: boolean): Promise<Content> {
  const { methodName, prepareFile } = await import('../server/index.js');
  const { hintsOf } = await import('../doctor/index.js');
  const prepared = await prepareFile(file, { typescript });
  const { name, type } = prepared.application;
  const channels = prepared.channels.list().map((channel) => channel.name);
  const methods = prepared.plugins.flatMap(({ definition }) =>
    definition.methods.flatMap((method) => methodName(method) ?? []),
  );
  return {
    warnings: [...prepared.warnings, ...hintsOf(prepared)],
    holds: `${name} (type ${type}), channels ${channels.join(', ') || 'none'}, methods ${methods.join(', ') || 'none'}`,
    ...{ application: { name, type }, channels, methods },
  };
}

async function otherContent(
  kind: Exclude<FileKind, 'config'>,
  file: string,
  { config, platform }: { readonly config: string | undefined; readonly platform: string | undefined },
): Promise<Content> {
  const { checkFile } = await importMock();
  const around = { config: config ?? existing('config.yaml'), platform: platform ?? existing('platform.yaml') };
  return checkFile(kind, file, around);
}

const existing = (file: string): string | undefined => (existsSync(file) ? file : undefined);

const remarks = ({ problems, warnings }: Report): string =>
  [
    ...problems.map((one) => `${place(one)}: ${one.message}\n`),
    ...warnings.map((one) => `${place(one)}: warning: ${one.message}\n`),
  ].join('');

const place = ({ file, line, column }: Problem): string => `${file}:${line}:${column}`;
