import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from '@jest/globals';
import { inTime } from './eventually.js';
import { file, folder } from './files.js';
import { freePort } from './free-port.js';
import { ask } from './http.js';

const PRESENT = hasPrometheus();

/** Tests that need Prometheus' programs: a machine without them runs the others, and CI runs them all. */
export const prometheusIt: typeof it | typeof it.skip = PRESENT ? it : it.skip;
export const prometheusDescribe: typeof describe | typeof describe.skip = PRESENT ? describe : describe.skip;

function hasPrometheus(): boolean {
  try {
    for (const program of ['promtool', 'prometheus']) execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    const text = 'no promtool and prometheus here, so alerts are not tested; .ci/run says how to install them';
    if (process.env.CI === 'true') throw new Error(text);
    process.stderr.write(`${text}\n`);
    return false;
  }
}

/** What `promtool ...words` prints, and its exit code. */
export function promtool(words: readonly string[], input = ''): Promise<{ code: number; text: string }> {
  return new Promise((resolve) => {
    const child = execFile('promtool', words, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), text: `${stdout}${stderr}` });
    });
    child.stdin?.end(input);
  });
}

/** Between two looks at Prometheus, which evaluates its rules four times a second here. */
const LOOK_MS = 100;

/** A Prometheus of its own, with one target in the job esp-host, and alerts that fire as soon as they are pending. */
export class Prometheus {
  private constructor(
    private readonly port: number,
    private readonly child: ChildProcess,
  ) {}

  static async start(rules: string, target: string): Promise<Prometheus> {
    const home = folder();
    const port = await freePort();
    file('alerts.yaml', rules.replace(/^( +for:) .*$/gm, '$1 0s'), home);
    const config = file('prometheus.yml', CONFIG.replace('TARGET', target), home);
    const words = ['--storage.tsdb.path', join(home, 'data'), '--web.listen-address', `127.0.0.1:${port}`];
    const child = spawn('prometheus', ['--config.file', config, '--log.level', 'error', ...words], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const started = new Prometheus(port, child);
    await started.until('Prometheus is ready', async () => {
      if (child.exitCode !== null) throw new Error(`prometheus ended with ${child.exitCode}`);
      const ready = await ask(port, '/-/ready').catch(() => undefined);
      return ready?.status === 200;
    });
    return started;
  }

  /** Names of alerts that fire. */
  async firing(): Promise<string[]> {
    const { data } = await this.#get<{ alerts: { labels: { alertname: string }; state: string }[] }>('/api/v1/alerts');
    const firing = data.alerts.filter(({ state }) => state === 'firing');
    return [...new Set(firing.map(({ labels }) => labels.alertname))].sort();
  }

  /** The number of series of an expression. */
  async count(expression: string): Promise<number> {
    const query = `/api/v1/query?query=${encodeURIComponent(expression)}`;
    return (await this.#get<{ result: unknown[] }>(query)).data.result.length;
  }

  /** Waits until all of these fire; `meanwhile` runs before each look. @throws Error that names those that do not */
  async untilFiring(
    names: readonly string[],
    meanwhile: () => Promise<unknown> = async () => undefined,
  ): Promise<void> {
    let missing = names;
    const holds = async (): Promise<boolean> => {
      await meanwhile();
      const firing = await this.firing();
      missing = names.filter((name) => !firing.includes(name));
      return missing.length === 0;
    };
    await this.until(() => `${missing.join(', ')} fire`, holds);
  }

  async until(what: string | (() => string), holds: () => Promise<boolean>): Promise<void> {
    let over = false;
    const look = async (): Promise<void> => {
      while (!over && !(await holds())) await sleep(LOOK_MS);
    };
    await inTime(look(), what).finally(() => {
      over = true;
    });
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }

  async #get<T>(path: string): Promise<{ data: T }> {
    const { status, body } = await ask(this.port, path);
    if (status !== 200) throw new Error(`${path}: ${status} ${body}`);
    return JSON.parse(body) as { data: T };
  }
}

const CONFIG = `
global: { scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 250ms }
rule_files: [alerts.yaml]
scrape_configs: [{ job_name: esp-host, static_configs: [{ targets: ["TARGET"] }] }]
`;
