import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** CPU time of a clock tick in microseconds: Linux counts a process's time in hundredths of a second. */
const TICK_US = 10_000;

/** A server in a process of its own. */
export class Child {
  readonly port: number;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, port: number) {
    this.#process = process;
    this.port = port;
  }

  /** Starts `node ...words` in the project's folder and waits for the line that says where it listens. */
  static async start(words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Child> {
    const child = spawn(process.execPath, words, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const port = await new Promise<number>((resolve, reject) => {
      let text = '';
      child.stderr?.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        const match = /address=127\.0\.0\.1:(\d+)/.exec(text);
        if (match !== null) resolve(Number(match[1]));
      });
      child.once('exit', (code) => reject(new Error(`${words.join(' ')} ended with ${code}:\n${text}`)));
    });
    return new Child(child, port);
  }

  /** User and system time that the process has used, in microseconds. */
  cpuUs(): number {
    const stat = readFileSync(`/proc/${this.#process.pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK_US;
  }

  async stop(): Promise<void> {
    this.#process.removeAllListeners('exit');
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    await ended;
  }
}
