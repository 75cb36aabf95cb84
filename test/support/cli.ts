import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './files.js';

export interface RunOptions {
  readonly input?: string | Buffer;
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  /** Options of Node itself, before the program. */
  readonly node?: readonly string[];
  /** In place of this project's. */
  readonly program?: string;
}

/** How a process ended, and what it wrote. */
export interface Ran {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

const running = new Set<ChildProcess>();

/** Ends what a failed test has left. */
export function endProcesses(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** `node bin/esp-host.cjs ...` of the built project, with nothing of this process's environment but PATH. */
export class CliProcess {
  readonly ended: Promise<Ran>;
  readonly #child: ChildProcess;
  readonly #wrote = { stdout: '', stderr: '' };
  #wake = Promise.withResolvers<void>();
  #over = false;

  constructor(words: readonly string[], options: RunOptions = {}) {
    const { node = [], cwd = ROOT, env = {}, input = '', program = join(ROOT, 'bin/esp-host.cjs') } = options;
    const child = spawn(process.execPath, [...node, program, ...words], {
      cwd,
      env: { PATH: process.env.PATH, ...env },
    });
    this.#child = child;
    running.add(child);
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        this.#wrote[name] += text;
        this.#woken();
      });
    }
    child.stdin.on('error', () => undefined).end(input);
    this.ended = new Promise((resolve) => {
      child.on('close', (code, signal) => {
        running.delete(child);
        this.#over = true;
        this.#woken();
        resolve({ code, signal, ...this.#wrote });
      });
    });
  }

  /** What `pattern` finds in stderr, as soon as it is there; rejects where the process ends before. */
  async line(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.#wrote.stderr);
      if (found !== null) return found;
      if (this.#over) throw new Error(`the process ended without ${pattern}: ${this.#wrote.stderr}`);
      await this.#wake.promise;
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Who reads stdout goes away. */
  closeStdout(): void {
    this.#child.stdout?.destroy();
  }

  #woken(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }
}

/** A run to its end. */
export const run = (words: readonly string[], options: RunOptions = {}): Promise<Ran> =>
  new CliProcess(words, options).ended;
