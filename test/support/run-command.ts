import { Readable } from 'node:stream';
import { jest } from '@jest/globals';
import { runProgram } from '../../src/cli/program.js';
import { Changes, inTime } from './eventually.js';
import { ROOT } from './files.js';
import type { Ended, ProgramOptions } from './processes.js';

interface Options extends Pick<ProgramOptions, 'cwd' | 'env' | 'input'> {
  /** Whether stdin is a terminal. */
  readonly isTTY?: boolean;
}

/** The events of the process that a command listens to until it ends. */
const EVENTS = ['SIGINT', 'SIGTERM', 'uncaughtException', 'unhandledRejection'];

type Listener = (argument: unknown) => void;

/** `esp-host ...words` in this process, which is much faster than a `Program`. One command runs at a time. */
export class RunningCommand {
  readonly ended: Promise<Ended>;
  readonly #printed = { stdout: '', stderr: '' };
  readonly #listeners = new Map<string, Listener>();
  readonly #changes = new Changes();
  #exitCode: unknown;

  constructor(words: readonly string[], options: Options = {}) {
    this.ended = this.#run(words, options);
  }

  /** The match of `pattern` in its output, as soon as there is one. */
  printed(pattern: RegExp): Promise<RegExpExecArray> {
    const { stdout, stderr } = this.#printed;
    const find = () => pattern.exec(this.#printed.stdout) ?? pattern.exec(this.#printed.stderr) ?? undefined;
    return this.#changes.first(find, () => `prints ${pattern}; so far it printed:\n${stdout}${stderr}`);
  }

  /** Calls its listener of a signal, or of an uncaught error. */
  emit(event: string, argument: unknown = event): void {
    this.#listeners.get(event)?.(argument);
  }

  /** How it ends after a signal. */
  signal(signal: NodeJS.Signals): Promise<Ended> {
    this.emit(signal);
    return inTime(this.ended, `the command ends after ${signal}`);
  }

  async #run(words: readonly string[], { cwd = ROOT, env, input = '', isTTY = false }: Options): Promise<Ended> {
    const { env: ownEnv, exit, exitCode } = process;
    const ownFolder = process.cwd();
    const stdin = Object.getOwnPropertyDescriptor(process, 'stdin') as PropertyDescriptor;
    const spies = [this.#spyOn('stdout'), this.#spyOn('stderr'), this.#spyOnListeners()];
    process.chdir(cwd);
    process.env = { ...ownEnv, ...env };
    process.exit = ((code: unknown) => {
      this.#exitCode ??= code;
    }) as never;
    const value = Object.assign(Readable.from([Buffer.from(input)]), { isTTY });
    Object.defineProperty(process, 'stdin', { configurable: true, value });
    process.exitCode = 0;
    try {
      await runProgram(words);
      return { code: Number(this.#exitCode ?? process.exitCode), ...this.#printed };
    } finally {
      process.exitCode = exitCode;
      Object.defineProperty(process, 'stdin', stdin);
      process.exit = exit;
      process.env = ownEnv;
      process.chdir(ownFolder);
      for (const spy of spies) spy.mockRestore();
    }
  }

  #spyOn(name: 'stdout' | 'stderr') {
    return jest.spyOn(process[name], 'write').mockImplementation((text) => {
      this.#printed[name] += String(text);
      this.#changes.announce();
      return true;
    });
  }

  #spyOnListeners() {
    const on = process.on.bind(process) as (event: string, listener: Listener) => NodeJS.Process;
    return jest.spyOn(process, 'on').mockImplementation((event, listener) => {
      if (!EVENTS.includes(String(event))) return on(String(event), listener as Listener);
      this.#listeners.set(String(event), listener as Listener);
      return process;
    });
  }
}

/** Runs `esp-host ...words` to its end in this process. */
export const runCommand = (words: readonly string[], options?: Options): Promise<Ended> =>
  new RunningCommand(words, options).ended;
