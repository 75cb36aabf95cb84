import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Changes, inTime } from './eventually.js';
import { ROOT } from './files.js';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  /** The project's folder with the program, and its default `cwd`. */
  readonly root?: string;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Its stdin. */
  readonly input?: string;
  /** Options of Node itself. */
  readonly node?: readonly string[];
}

const running = new Set<Program>();

/** Ends what a failed test may have left running. */
export async function killPrograms(): Promise<void> {
  await Promise.all([...running].map((program) => program.kill('SIGKILL')));
}

/** `esp-host ...words`, in a process of its own. */
export class Program {
  stdout = '';
  stderr = '';
  readonly #child: ChildProcess;
  readonly #ended: Promise<Ended>;
  readonly #changes = new Changes();
  #said = 0;

  constructor(words: readonly string[], options: ProgramOptions = {}) {
    const { root = ROOT, cwd = root, env = {}, input = '', node = [] } = options;
    this.#child = spawn(process.execPath, [...node, join(root, 'bin/esp-host.cjs'), ...words], {
      cwd,
      env: { ...process.env, ...env },
    });
    this.#child.stdin?.on('error', () => undefined).end(input);
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      this.#changes.announce();
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
      this.#changes.announce();
    });
    running.add(this);
    this.#ended = once(this.#child, 'close').then(([code]) => {
      running.delete(this);
      this.#changes.announce();
      return { code, stdout: this.stdout, stderr: this.stderr };
    });
  }

  /** The match of `pattern` in its output (stdout, then stderr), as soon as there is one. */
  printed(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#found(pattern, () => pattern.exec(this.stdout) ?? pattern.exec(this.stderr));
  }

  /** The same in stderr behind the last match that this gave. */
  async said(pattern: RegExp): Promise<RegExpExecArray> {
    const match = await this.#found(pattern, () => pattern.exec(this.stderr.slice(this.#said)));
    this.#said += match.index + match[0].length;
    return match;
  }

  #found(pattern: RegExp, find: () => RegExpExecArray | null): Promise<RegExpExecArray> {
    const printed = () => `prints ${pattern}; so far it printed:\n${this.stdout}${this.stderr}`;
    return this.#changes.first(() => {
      const match = find();
      if (match === null && !running.has(this)) {
        throw new Error(`it ended without ${pattern}:\n${this.stdout}${this.stderr}`);
      }
      return match ?? undefined;
    }, printed);
  }

  /** How it ended, when it has. */
  ended(): Promise<Ended> {
    return inTime(this.#ended, () => `the program ends; so far it printed:\n${this.stdout}${this.stderr}`);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async kill(signal: NodeJS.Signals): Promise<Ended> {
    this.signal(signal);
    return this.ended();
  }

  /** Who reads its stdout goes away. */
  closeStdout(): void {
    this.#child.stdout?.destroy();
  }
}

/** Runs `esp-host ...words` to its end. */
export const run = (...words: string[]): Promise<Ended> => new Program(words).ended();
