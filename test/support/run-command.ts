import { Readable } from 'node:stream';
import { jest } from '@jest/globals';
import { runProgram } from '../../src/cli/program.js';
import { ROOT } from './files.js';
import type { Ended, ProgramOptions } from './processes.js';

type Options = Pick<ProgramOptions, 'cwd' | 'env' | 'input'>;

/** Runs `esp-host ...words` to its end in this process, which is much faster than a `Program`. */
export async function runCommand(words: readonly string[], options: Options = {}): Promise<Ended> {
  const { cwd = ROOT, env, input = '' } = options;
  const before = { cwd: process.cwd(), code: process.exitCode, env: process.env };
  const stdin = Object.getOwnPropertyDescriptor(process, 'stdin') as PropertyDescriptor;
  const printed = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    jest.spyOn(process[name], 'write').mockImplementation((text) => {
      printed[name] += String(text);
      return true;
    }),
  );
  process.chdir(cwd);
  process.env = { ...before.env, ...env };
  Object.defineProperty(process, 'stdin', { configurable: true, value: Readable.from([Buffer.from(input)]) });
  process.exitCode = 0;
  try {
    await runProgram(words);
    return { code: Number(process.exitCode), ...printed };
  } finally {
    process.exitCode = before.code;
    Object.defineProperty(process, 'stdin', stdin);
    process.env = before.env;
    process.chdir(before.cwd);
    for (const spy of spies) spy.mockRestore();
  }
}
