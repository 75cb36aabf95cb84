import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { milliseconds, parseAddress, serviceMethod, wholeNumber } from '../../src/cli/options.js';
import { file, folder, removeFolders } from '../support/files.js';
import { runCommand } from '../support/run-command.js';

describe('an address', () => {
  it.each([
    ['dms.example:7120', 'dms.example', 7120],
    ['127.0.0.1:1', '127.0.0.1', 1],
    [':7120', '127.0.0.1', 7120],
    ['[::1]:65535', '::1', 65_535],
    ['localhost:0', 'localhost', 0],
  ])('%s', (text, host, port) => expect(parseAddress(text)).toEqual({ host, port }));

  it.each(['', '7120', 'localhost', 'localhost:', 'localhost:65536', 'localhost:-1', 'localhost:7120x', '::1:7120'])(
    'is not %j',
    (text) => {
      expect(() => parseAddress(text)).toThrow('Expected HOST:PORT, with a port up to 65535.');
    },
  );

  it.each(['http://localhost:7120', '[]:7120', '[::1]', '[::1:7120'])('is not %j either', (text) => {
    expect(() => parseAddress(text)).toThrow('HOST:PORT');
  });
});

describe('a whole number', () => {
  it.each(['0', '-1', '1.5', '', 'x1', '1x', '10000'])('is not %j', (text) => {
    expect(() => wholeNumber(9999)(text)).toThrow('Expected a whole number from 1 to 9999.');
  });

  it.each(['1', '250', '9999'])('may be %s', (text) => expect(wholeNumber(9999)(text)).toBe(Number(text)));

  it('has no limit unless one is given', () => {
    expect(wholeNumber()('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER);
    expect(() => wholeNumber()('9007199254740992')).toThrow('Expected a whole number greater than 0.');
  });

  it('of milliseconds has the range of timers', () => {
    expect(milliseconds('2147483647')).toBe(2_147_483_647);
    expect(() => milliseconds('2147483648')).toThrow('Expected a whole number from 1 to 2147483647.');
  });
});

describe('a method', () => {
  it.each([
    ['Messaging.ValidateContact', 'Messaging', 'ValidateContact'],
    ['com.example.Billing.Pay', 'com.example.Billing', 'Pay'],
    ['A.b', 'A', 'b'],
  ])('%s', (text, service, method) => expect(serviceMethod(text)).toEqual({ service, method }));

  it.each(['', 'Pay', '.Pay', 'Billing.'])('is not %j', (text) => {
    expect(() => serviceMethod(text)).toThrow('Expected Service.Method.');
  });
});

describe('--platform', () => {
  afterAll(removeFolders);

  const STRATEGY = 'name: A\nsteps: [{ id: end, routeTo: Queue }]\n';
  const WARNING = 'mock-platform/platform.yaml is deprecated as the default of --platform: move it to platform.yaml\n';

  /** The exit code and stderr of `strategy sweep` in a folder with these platform files, each with an error. */
  const sweepBeside = async (files: readonly string[], ...words: string[]) => {
    const home = folder();
    mkdirSync(join(home, 'mock-platform'));
    file('strategy.yaml', STRATEGY, home);
    for (const name of files) file(name, 'consle: {}\n', home);
    const { code, stderr } = await runCommand(['strategy', 'sweep', 'strategy.yaml', ...words], { cwd: home });
    return [code, stderr];
  };
  const problem = (name: string): string => `${name}:1:1: unknown key consle: did you mean console?\n`;

  it.each<[string, readonly string[], readonly string[], string]>([
    ['is platform.yaml', ['platform.yaml', 'mock-platform/platform.yaml'], [], problem('platform.yaml')],
    [
      'is still found in mock-platform, with a warning',
      ['mock-platform/platform.yaml'],
      [],
      WARNING + problem('mock-platform/platform.yaml'),
    ],
    [
      'warns of nothing if it is given',
      ['mock-platform/platform.yaml'],
      ['--platform', 'mock-platform/platform.yaml'],
      problem('mock-platform/platform.yaml'),
    ],
  ])('%s', async (_title, files, words, stderr) => {
    expect(await sweepBeside(files, ...words)).toEqual([1, stderr]);
  });

  it('and --config may be missing for a sweep', async () => expect(await sweepBeside([])).toEqual([0, '']));
});
