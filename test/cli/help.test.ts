import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { file, folder, ROOT, removeFolders } from '../support/files.js';
import { Program } from '../support/processes.js';
import { runCommand as run } from '../support/run-command.js';

afterAll(removeFolders);

describe('--help', () => {
  it.each([
    ['', /Commands:.*serve .*mock .*send .*strategy .*check .*wire /s],
    ['serve', /--config <file>.*--listen <host:port>.*SIGHUP.*Exit code: 0 after SIGTERM or SIGINT, 130 /s],
    ['mock', /--config <file>.*--platform <file>.*--replay <file>.*Exit code: 0 after/s],
    ['dev', /reload\s+plugins.*--config <file>.*--platform <file>.*Exit code: 0 after/s],
    [
      'send',
      /--to <host:port>.*default:\s+127\.0\.0\.1:7120.*--user-data <parameter\.\.\.>.*Name:=5 .*Exit code: 0 for/s,
    ],
    ['doctor', /\[config\].*--typescript.*--interaction-server <host:port>.*Exit code: 0 if there is no trouble/s],
    ['check', /\[files\.\.\.\].*--typescript.*Exit code: 0 if all are valid/s],
    ['new', /plugin .*method /s],
    [
      'new method',
      /--plugin <name>.*--parameter <name:type>.*--response .*--yes.*Prompts for parameters.*Overwrites no file\..*Exit code/s,
    ],
    ['methods', /--config <file>.*--markdown.*--json.*Exit code: 0, or 1/s],
    ['schema', /--config <file>.*--out <file>.*Exit code: 0, or 1/s],
    ['strategy', /run .*test .*sweep /s],
    ['strategy run', /<file>.*--to <host:port>.*Exit code: 0 if the customer is routed, 2 /s],
    ['stubs from', /\[recording\].*--upstream <name>.*--out <file>.*--app-name <name>.*Exit code: 0, or 1/s],
    ['compare', /<recording>.*--a <host:port>.*--b .*--ignore .*--method .*go to BOTH servers.*Exit code: 0 if all/s],
    ['wire', /decode .*encode /s],
    ['wire decode', /\[file\].*--charset <name>.*Exit code: 0, or 1/s],
    ['wire encode', /\[file\].*--charset <name>.*Exit code: 0, or 1/s],
  ])('esp-host %s --help', async (command, text) => {
    const words = command.split(' ').filter((word) => word !== '');
    const { code, stdout, stderr } = await run([...words, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(text);
    expect(stdout).not.toContain('\u001b');
  });

  const page = readFileSync(join(ROOT, 'docs/reference/cli.md'), 'utf8');
  const inOneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

  it.each([...page.matchAll(/^#+ esp-host *([^\n]*)\n\n```text\n(.*?)\n```$/gms)].map(([, ...found]) => found))(
    'of esp-host %s is that of the reference',
    async (command = '', text = '') => {
      const words = command.split(' ').filter((word) => word !== '');
      expect(inOneLine((await run([...words, '--help'])).stdout)).toBe(inOneLine(text));
    },
  );

  it('goes to stderr with exit code 1 if the command is missing', async () => {
    const { code, stdout, stderr } = await run([]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^Usage: esp-host /);
  });
});

it('--version prints the version of the package', async () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  expect(await run(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
});

describe('wrong arguments exit with 1 and a suggestion:', () => {
  it.each([
    ['serv', "error: unknown command 'serv'\n(Did you mean serve?)\n"],
    ['strategy swep', "error: unknown command 'swep'\n(Did you mean sweep?)\n"],
    ['wire decod', "error: unknown command 'decod'\n(Did you mean decode?)\n"],
    ['serve --confg x', "error: unknown option '--confg'\n(Did you mean --config?)\n"],
    ['wire decode --chrset x', "error: unknown option '--chrset'\n(Did you mean --charset?)\n"],
    ['serve config.yaml', "error: too many arguments for 'serve'. Expected 0 arguments but got 1: config.yaml.\n"],
    ['serve -- -app DMS x', "error: too many arguments for 'serve'. Expected 0 arguments but got 3: -app, DMS, x.\n"],
    ['serve -- -conf x', "error: too many arguments for 'serve'. Expected 0 arguments but got 2: -conf, x.\n"],
    ['serve --listen 7120', "error: option '--listen <host:port>' argument '7120' is invalid. Expected HOST:PORT"],
    ['serve --config', "error: option '--config <file>' argument missing\n"],
    ['send Messaging', "error: missing required argument 'method'\n"],
    [
      'send A B --timeout 1s',
      "error: option '--timeout <ms>' argument '1s' is invalid. Expected a whole number from 1 to",
    ],
    ['send A B --timeout 2147483648', 'Expected a whole number from 1 to 2147483647.'],
    ['send A B --app-type 2147483648', 'Expected a name, or a number of up to 32 bits.'],
  ])('esp-host %s', async (words, text) => {
    const { code, stdout, stderr } = await run(words.split(' '));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(text);
    expect(stderr).toMatch(/\n\(add --help for usage\)\n$/);
    expect(stderr).not.toContain('\u001b');
  });
});

describe('Node', () => {
  const fake = (version: string): string =>
    file(
      'fake.cjs',
      `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });\n`,
    );
  const versionIn = (version: string) => new Program(['--version'], { node: ['--require', fake(version)] }).ended();

  it.each(['0.10.48', '18.20.8', '20.20.2', '22.14.0'])('%s prints how to get a newer version', async (version) => {
    expect(await versionIn(version)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: `esp-host requires Node.js 22.15 or newer, and this is ${version}: run npm i -D node@24, then npx esp-host\n`,
    });
  });

  it.each(['22.15.0', '24.0.0', '30.1.0'])('%s is supported', async (version) => {
    expect(await versionIn(version)).toMatchObject({ code: 0, stderr: '' });
  });

  it('can parse the file in old versions', () => {
    const text = readFileSync(join(ROOT, 'bin/esp-host.cjs'), 'utf8').replaceAll(/^(#!|\/\/).*$/gm, '');
    expect(text).not.toMatch(/=>|`|\b(const|let|class|import|async|await)\b|\?\.|\?\?|\.\.\./);
  });
});

describe('a checkout', () => {
  /** A copy of the program without what it was built to, or without its packages. */
  function copy(): string {
    const made = folder();
    cpSync(join(ROOT, 'bin'), join(made, 'bin'), { recursive: true });
    return made;
  }

  it('that is not built says so', async () => {
    expect(await new Program([], { root: copy() }).ended()).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'esp-host is not built: run npm run build\n',
    });
  });
});
