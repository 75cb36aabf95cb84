import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** CPU time of a clock tick in microseconds: Linux counts a process's time in hundredths of a second. */
const TICK_US = 10_000;

/** How often it is looked whether a server is ready, in ms. */
const LOOK_MS = 2;

/** A server in a process of its own. Its log goes to a file: whoever read it would be measured, too. */
export class Child {
  readonly port: number;
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(process: ChildProcess, folder: string, port: number) {
    this.#process = process;
    this.#folder = folder;
    this.port = port;
  }

  /** Starts `node ...words` in the project's folder and waits for the line that says where it listens. */
  static async start(words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Child> {
    const folder = mkdtempSync(join(tmpdir(), 'esp-host-bench-'));
    const log = join(folder, 'log');
    const stderr = openSync(log, 'a');
    const child = spawn(process.execPath, words, {
      cwd: root,
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

  /** What it has logged since `clearLog`. */
  log(): string {
    return readFileSync(join(this.#folder, 'log'), 'utf8');
  }

  clearLog(): void {
    truncateSync(join(this.#folder, 'log'));
  }

  /** User and system time that the process has used, in microseconds. */
  cpuUs(): number {
    const stat = this.#proc('stat');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK_US;
  }

  /** Resident memory in MB (of 1024 x 1024 bytes); `most`: at its highest. */
  residentMb(most = false): number {
    const kb = new RegExp(`${most ? 'VmHWM' : 'VmRSS'}:\\s+(\\d+)`).exec(this.#proc('status'))?.[1];
    return Number(kb) / 1024;
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

/** `esp-host serve` with this config. */
export const serve = (config: string, env: NodeJS.ProcessEnv = {}): Promise<Child> =>
  Child.start(['bin/esp-host.cjs', 'serve', '--config', config], env);

export const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[numbers.length >> 1] as number;
