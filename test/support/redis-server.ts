import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createClient } from '@redis/client';
import { file, folder } from './files.js';
import { freePort } from './free-port.js';

/** The first of these that the machine has. */
const PROGRAM = ['redis-server', 'valkey-server'].find((name) => {
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});

/** Whether there is a server to test with; if not, prints a line. With CI=true that is an error. */
export function hasRedis(): boolean {
  if (PROGRAM !== undefined) return true;
  const text = 'no redis-server or valkey-server here, so what hosts share is not tested; apt-get install redis-server';
  if (process.env.CI === 'true') throw new Error(text);
  process.stderr.write(`${text}\n`);
  return false;
}

export interface RedisServerOptions {
  readonly password?: string;
  /** Whether it writes each second what it has. @default false */
  readonly appendonly?: boolean;
  readonly tls?: { readonly certificate: string; readonly key: string };
}

/** A Redis or Valkey server on a free port, without files. */
export class RedisServer {
  #process: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    private readonly options: RedisServerOptions,
  ) {}

  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), options);
    await server.start();
    return server;
  }

  get url(): string {
    return `${this.options.tls === undefined ? 'redis' : 'rediss'}://127.0.0.1:${this.port}`;
  }

  /** Starts it again, empty. */
  async start(): Promise<void> {
    const child = spawn(PROGRAM ?? '', this.#words(), { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process = child;
    let text = '';
    await new Promise<void>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`${PROGRAM} ended with ${code}:\n${text}`)));
      child.stdout.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        if (text.includes('Ready to accept connections')) resolve();
      });
    });
  }

  /** A client to look into it with, until it is stopped. */
  async client() {
    const client = createClient({
      url: this.url,
      password: this.options.password ?? '',
      socket: { reconnectStrategy: false },
    });
    client.on('error', () => undefined);
    return client.connect();
  }

  async stop(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** Keeps its connections, but does not answer until `thaw`. */
  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process?.kill('SIGCONT');
  }

  #words(): string[] {
    const { password, tls, appendonly } = this.options;
    const home = folder();
    const words = ['--bind', '127.0.0.1', '--save', '', '--dir', home];
    if (appendonly === true) words.push('--appendonly', 'yes');
    if (password !== undefined) words.push('--requirepass', password);
    if (tls === undefined) return [...words, '--port', String(this.port)];
    const certificate = file('server.pem', tls.certificate, home);
    const pems = ['--tls-cert-file', certificate, '--tls-key-file', file('server.key', tls.key, home)];
    const clients = ['--tls-ca-cert-file', certificate, '--tls-auth-clients', 'no'];
    return [...words, '--port', '0', '--tls-port', String(this.port), ...pems, ...clients];
  }
}
