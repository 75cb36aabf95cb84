import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Microseconds of a clock tick: Linux counts CPU time in hundredths of a second. */
const TICK_US = 10_000;

/** Interval of checking whether a server is ready, in ms. */
const LOOK_MS = 2;

/** A server process. It logs to a file, because reading its log would be measured, too. */
export class Child {
  readonly port: number;
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(process: ChildProcess, folder: string, port: number) {
    this.#process = process;
    this.#folder = folder;
    this.port = port;
  }

  /** Starts `node ...words` in the project's folder, or in another checkout of it, and waits for the line with its address. */
  static async start(words: readonly string[], env: NodeJS.ProcessEnv = {}, cwd = root): Promise<Child> {
    const folder = mkdtempSync(join(tmpdir(), 'esp-host-bench-'));
    const log = join(folder, 'log');
    const stderr = openSync(log, 'a');
    const child = spawn(process.execPath, words, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', stderr],
    });
    closeSync(stderr);
    for (;;) {
      const match = /address=127\.0\.0\.1:(\d+)/.exec(readFileSync(log, 'utf8'));
      if (match !== null) return new Child(child, folder, Number(match[1]));
      if (child.exitCode !== null) {
        throw new Error(`${words.join(' ')} ended with ${child.exitCode}:\n${readFileSync(log, 'utf8')}`);
      }
      await sleep(LOOK_MS);
    }
  }

  /** The log since `clearLog`. */
  log(): string {
    return readFileSync(join(this.#folder, 'log'), 'utf8');
  }

  clearLog(): void {
    truncateSync(join(this.#folder, 'log'));
  }

  /** User and system CPU time of the process, in microseconds. */
  cpuUs(): number {
    const stat = this.#proc('stat');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK_US;
  }

  /** Resident memory in MB (1024 x 1024 bytes); `most`: its peak. */
  residentMb(most = false): number {
    const kb = new RegExp(`${most ? 'VmHWM' : 'VmRSS'}:\\s+(\\d+)`).exec(this.#proc('status'))?.[1];
    return Number(kb) / 1024;
  }

  /** Keeps all threads of the process on one processor. */
  pin(processor: number): void {
    pin(this.#process.pid as number, processor);
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const ended = once(this.#process, 'exit');
      this.#process.kill('SIGTERM');
      await ended;
    }
    rmSync(this.#folder, { recursive: true });
  }

  #proc(file: string): string {
    return readFileSync(`/proc/${this.#process.pid}/${file}`, 'utf8');
  }
}

/** Keeps a process on one processor, so that the scheduler's choice between two doesn't change its figures. */
export const pin = (pid: number, processor: number): void =>
  void execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', String(processor), String(pid)]);

/** `esp-host serve` with this config. */
export const serve = (config: string, env: NodeJS.ProcessEnv = {}, cwd = root): Promise<Child> =>
  Child.start(['bin/esp-host.cjs', 'serve', '--config', config], env, cwd);

export const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[numbers.length >> 1] as number;
