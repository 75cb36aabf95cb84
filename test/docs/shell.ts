import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { file, folder } from '../support/files.js';
import type { Ports } from './ports.js';

export interface Ran {
  readonly code: number | null;
  /** Stdout and stderr. */
  readonly text: string;
}

interface Running {
  readonly child: ChildProcess;
  readonly closed: Promise<unknown>;
}

/** A shell in a project's folder, for the commands of one page. */
export class Shell {
  readonly #environment: NodeJS.ProcessEnv;
  #staying: Running[] = [];

  constructor(
    readonly home: string,
    readonly ports: Ports,
    environment: NodeJS.ProcessEnv = {},
  ) {
    const path = [guardedTools(), dirname(process.execPath), process.env.PATH];
    this.#environment = {
      PATH: path.join(delimiter),
      HOME: home,
      NO_COLOR: '1',
      /** npm downloads nothing and runs no install scripts. */
      npm_config_offline: 'true',
      npm_config_ignore_scripts: 'true',
      npm_config_update_notifier: 'false',
      ...ports.environment(),
      ...environment,
    };
  }

  /** Runs a script until it exits. */
  async run(script: string): Promise<Ran> {
    const child = this.#start(script);
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (more: string) => {
      text += more;
    });
    const [code] = await ended(child, once(child, 'close'));
    return { code, text: this.ports.asNamed(text) };
  }

  /**
   * Starts a script whose last command keeps running, and waits until it has printed `sign`.
   *
   * @returns its output if it exits without printing it, else undefined
   */
  async stay(script: string, sign: string): Promise<string | undefined> {
    const child = this.#start(script);
    const closed = once(child, 'close');
    this.#staying.push({ child, closed });
    let text = '';
    const { promise: seen, resolve } = Promise.withResolvers<true>();
    child.stdout?.setEncoding('utf8').on('data', (more: string) => {
      text += more;
      if (text.includes(sign)) resolve(true);
    });
    const stays = await ended(child, Promise.race([seen, closed.then(() => false)]));
    return stays ? undefined : this.ports.asNamed(text);
  }

  /** Stops the running scripts, last one first. */
  async end(): Promise<void> {
    for (const { child, closed } of this.#staying.splice(0).reverse()) {
      kill(child, 'SIGTERM');
      await ended(child, closed);
    }
  }

  /** In its own process group, so that all of it can be stopped. */
  #start(script: string): ChildProcess {
    return spawn('bash', ['-e', '-o', 'pipefail', '-c', `exec 2>&1\n${script}`], {
      cwd: this.home,
      env: this.#environment,
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  }
}

/** A script that takes longer hangs. */
const PATIENCE_MS = 90_000;

/** Waits for an event, and kills a process that hangs. */
async function ended<T>(child: ChildProcess, event: Promise<T>): Promise<T> {
  const timer = setTimeout(() => kill(child, 'SIGKILL'), PATIENCE_MS);
  try {
    return await event;
  } finally {
    clearTimeout(timer);
  }
}

function kill({ pid, exitCode, signalCode }: ChildProcess, signal: NodeJS.Signals): void {
  if (exitCode === null && signalCode === null && pid !== undefined) process.kill(-pid, signal);
}

/**
 * A folder with an npm that doesn't install, so that tests download nothing, and an npx that runs the project's binaries:
 * starting the real one takes longer than most commands.
 */
function guardedTools(): string {
  const refusal = 'echo "npm $1 is not run for a page of documentation" >&2; exit 1';
  const npm = `case "$1" in run|start|test|init) exec "${installed('npm')}" "$@" ;; *) ${refusal} ;; esac`;
  const npx = `tool="node_modules/.bin/$1"; [ -x "$tool" ] || exec "${installed('npx')}" "$@"; shift; exec "$tool" "$@"`;
  const home = folder();
  for (const [name, script] of Object.entries({ npm, npx })) {
    chmodSync(file(name, `#!/bin/sh\n${script}\n`, home), 0o755);
  }
  return home;
}

const installed = (program: string): string | undefined =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find((path) => existsSync(path));
