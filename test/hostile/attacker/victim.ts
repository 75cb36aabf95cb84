import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Ground } from './attack.js';
import { soon } from './peer.js';

const START_MS = 30_000;
const GARBAGE_MS = 15_000;
const MB = 1 << 20;

export interface VictimOptions {
  /** bin/esp-host.cjs of the build that is attacked; this project's unless it is named. */
  readonly bin?: string;
  /** Of `limits` in config.yaml. */
  readonly limits?: Readonly<Record<string, number>>;
  /** Node's inspector lets `collectGarbage` ask for it. */
  readonly inspected?: true;
  /** Certificate and key in PEM: ESP over TLS. */
  readonly tls?: string;
}

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** The token of `listeners.http`. */
export const TOKEN = 'canary-token-0123456789';

const configOf = ({ limits = {}, tls }: VictimOptions, root: string): string => `
application: { name: DMS }
channels:
  whatsapp: { type: whatsapp, phoneNumber: "+919876543210", api: { driver: none }, contacts: { from: number-plan } }
plugins:
  - use: ${join(root, 'plugins/messaging')}
  - use: ${join(ROOT, 'test/fixtures/plugins/hostile')}
listeners:
  metrics: { port: 0 }
  esp: { port: 0${tls === undefined ? '' : ', tls: { certificate: tls.pem, key: tls.pem }'} }
  http: { port: 0, token: ${TOKEN} }
limits: ${JSON.stringify(limits)}
`;

/** What a log had to say since it was last looked at. */
export interface Logged {
  readonly bytes: number;
  readonly lines: number;
  readonly longest: number;
}

/** `esp-host serve` in a process of its own, looked at from outside. */
export class Victim {
  readonly #child: ChildProcess;
  readonly #folder = mkdtempSync(join(tmpdir(), 'esp-host-hostile-'));
  readonly #log: number;
  #looked = 0;
  #stopped = false;
  readonly #kill = (): void => void this.#child.kill('SIGKILL');
  #ports = { esp: 0, metrics: 0, http: 0 };

  private constructor(private readonly options: VictimOptions) {
    const { bin = join(ROOT, 'bin/esp-host.cjs'), tls, inspected } = options;
    const [config, log] = [join(this.#folder, 'config.yaml'), join(this.#folder, 'log')];
    writeFileSync(config, configOf(options, join(bin, '../..')));
    if (tls !== undefined) writeFileSync(join(this.#folder, 'tls.pem'), tls);
    const node = inspected === undefined ? [] : ['--inspect=127.0.0.1:0'];
    const stderr = openSync(log, 'a');
    this.#log = openSync(log, 'r');
    this.#child = spawn(process.execPath, [...node, bin, 'serve', '--config', config], {
      stdio: ['ignore', 'ignore', stderr],
    });
    closeSync(stderr);
    process.once('exit', this.#kill);
  }

  static async start(options: VictimOptions = {}): Promise<Victim> {
    const victim = new Victim(options);
    const end = performance.now() + START_MS;
    for (;;) {
      const log = readFileSync(join(victim.#folder, 'log'), 'utf8');
      const port = (pattern: RegExp): number => Number(pattern.exec(log)?.[1] ?? 0);
      victim.#ports = {
        esp: port(/listens for ESP.*? address="?127\.0\.0\.1:(\d+)/),
        metrics: port(/health and metrics.*? url="?http:\/\/127\.0\.0\.1:(\d+)/),
        http: port(/calls over HTTP.*? address="?127\.0\.0\.1:(\d+)/),
      };
      if (Object.values(victim.#ports).every((one) => one > 0)) return victim;
      if (!victim.alive || performance.now() > end) throw new Error(`it did not start:\n${log}`);
      await soon(20);
    }
  }

  get ground(): Ground {
    return { ...this.#ports, token: TOKEN, tls: this.options.tls !== undefined };
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resident memory in MB. */
  get residentMb(): number {
    if (!this.alive) return Number.NaN;
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    return (Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024) / MB;
  }

  /** Has the host collect its garbage: what it holds then is what it needs, or what it leaks. */
  async collectGarbage(): Promise<void> {
    const url = /Debugger listening on (ws:\S+)/.exec(readFileSync(join(this.#folder, 'log'), 'utf8'))?.[1];
    if (url === undefined || !this.alive) return;
    const inspector = new WebSocket(url);
    let timer: NodeJS.Timeout | undefined;
    await new Promise((resolve, reject) => {
      inspector.onopen = () => inspector.send(JSON.stringify({ id: 1, method: 'HeapProfiler.collectGarbage' }));
      inspector.onmessage = resolve;
      inspector.onerror = reject;
      timer = setTimeout(reject, GARBAGE_MS, new Error('the host does not collect its garbage'));
    }).finally(() => inspector.close());
    clearTimeout(timer);
  }

  /** The sum of a metric's series; NaN if the host doesn't answer. */
  async metric(name: string): Promise<number> {
    const text = await this.page('/metrics');
    const values = [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)`, 'gm'))].map(
      (match) => +(match[1] as string),
    );
    return values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value);
  }

  /** Waits until a metric has that value. @throws if it doesn't get it */
  async settles(name: string, value: number, ms = 30_000): Promise<void> {
    const end = performance.now() + ms;
    for (;;) {
      const now = await this.metric(name);
      if (now === value) return;
      if (performance.now() > end) throw new Error(`${name} is ${now}, not ${value}`);
      await soon(50);
    }
  }

  page(path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', port: this.#ports.metrics, path, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.once('end', () => resolve(text)).once('error', reject);
      }).once('error', reject);
    });
  }

  /** The log since the last call; `line` sees each line. */
  logged(line: (text: string) => void = () => undefined): Logged {
    const from = this.#looked;
    const chunk = Buffer.alloc(MB);
    let rest = '';
    let lines = 0;
    let longest = 0;
    for (;;) {
      const read = readSync(this.#log, chunk, 0, MB, this.#looked);
      if (read === 0) break;
      this.#looked += read;
      const parts = (rest + chunk.toString('latin1', 0, read)).split('\n');
      rest = parts.pop() ?? '';
      for (const one of parts) {
        line(one);
        longest = Math.max(longest, one.length);
      }
      lines += parts.length;
    }
    this.#looked -= rest.length;
    return { bytes: this.#looked - from, lines, longest };
  }

  /** Ends it, and removes its log. @returns its exit code; null if a signal ended it */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.#stopped) return this.#child.exitCode;
    this.#stopped = true;
    if (this.alive) {
      const ended = once(this.#child, 'exit');
      this.#child.kill(signal);
      await ended;
    }
    process.off('exit', this.#kill);
    closeSync(this.#log);
    rmSync(this.#folder, { recursive: true });
    return this.#child.exitCode;
  }
}
