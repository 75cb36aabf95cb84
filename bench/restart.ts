/**
 * `npm run bench:restart`: kills and restarts the upstreams and then the host under load. Each takes RESTART_SECONDS (6): a
 * third before, a third without it, a third after. Then it restarts two hosts behind the mock Interaction Server in turn,
 * RESTART_ROUNDS (3) times. Counts the outcomes of all requests. The exit code is 1 if a reply was wrong or duplicate, or
 * missing on an open connection.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { removeFolders } from '../test/support/files.ts';
import { freePort } from '../test/support/free-port.ts';
import { RedisServer } from '../test/support/redis-server.ts';
import { type Counts, SteadyLoad } from '../test/support/steady-load.ts';
import { Child } from './child.ts';
import { RATE, type RestartedHost, type Rolled, rollingRestart } from './rolling-restart.ts';

const SECONDS = Number(process.env.RESTART_SECONDS ?? 6);
const ROUNDS = Number(process.env.RESTART_ROUNDS ?? 3);
const LOAD = { connections: 4, inFlight: 25, timeoutMs: 20_000 };

/** A program that can be killed and restarted. */
class Restarted {
  readonly #words: readonly string[];
  readonly #env: NodeJS.ProcessEnv;
  #child: Child | undefined;

  constructor(words: readonly string[], env: NodeJS.ProcessEnv) {
    this.#words = words;
    this.#env = env;
  }

  async start(): Promise<void> {
    this.#child = await Child.start(this.#words, this.#env);
  }

  async stop(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    child?.signal(signal);
    await child?.stop();
  }
}

interface Phase {
  readonly name: string;
  stop(): Promise<void>;
  start(): Promise<void>;
}

const WIDTHS = [26, 9, 9, 8, 7, 9, 9, 10];
const row = (...cells: (string | number)[]): string =>
  cells
    .map((cell, at) => (at === 0 ? String(cell).padEnd(WIDTHS[at] ?? 0) : String(cell).padStart(WIDTHS[at] ?? 0)))
    .join('');

async function run(load: SteadyLoad, { name, stop, start }: Phase): Promise<void> {
  const before = { ...load.counts };
  const third = (SECONDS * 1000) / 3;
  await sleep(third);
  await stop();
  await sleep(third);
  await start();
  const startedAt = performance.now();
  await load.more('right', 1);
  const backMs = performance.now() - startedAt;
  await sleep(third);
  const counted = (how: keyof Counts): number => load.counts[how] - before[how];
  const cells = (['right', 'faults', 'lost', 'wrong', 'missing', 'unasked'] as const).map(counted);
  console.log(row(name, ...cells, `${backMs.toFixed(0)} ms`));
}

const hostAt = (port: number, env: NodeJS.ProcessEnv): Restarted => {
  const words = ['bin/esp-host.cjs', 'serve', '--config', 'bench/config-restart.yaml', '--listen', `127.0.0.1:${port}`];
  return new Restarted(words, env);
};

function printRolled(signal: NodeJS.Signals, { asked, right, faults, slowestMs, stopMs }: Rolled): void {
  const stops = stopMs.map((ms) => ms.toFixed(0)).join(', ');
  console.log(`\n${signal} of two hosts in turn, ${RATE} requests per second: ${right} of ${asked} answered correctly`);
  for (const [text, times] of faults) console.log(`${times} times ${text}`);
  console.log(`slowest reply ${slowestMs.toFixed(0)} ms; the hosts took ${stops} ms to stop`);
}

/** Restarts two hosts behind the mock Interaction Server in turn, with each signal. */
async function roll(env: NodeJS.ProcessEnv): Promise<void> {
  const hosts: RestartedHost[] = [];
  try {
    for (const name of ['DMS 1', 'DMS 2']) {
      const port = await freePort();
      const host = hostAt(port, { ...env, APPLICATION_NAME: name });
      await host.start();
      hosts.push({ name, port, start: () => host.start(), stop: (signal) => host.stop(signal) });
    }
    for (const signal of ['SIGTERM', 'SIGKILL'] as const)
      printRolled(signal, await rollingRestart(hosts, signal, ROUNDS));
  } finally {
    for (const host of hosts) await host.stop('SIGKILL');
  }
}

async function main(): Promise<void> {
  const [upstreamPort, port] = [await freePort(), await freePort()];
  const redis = await RedisServer.start();
  const upstream = new Restarted(['bench/upstream.ts'], {
    UPSTREAM_PORT: String(upstreamPort),
    UPSTREAM_VERSION: '2.45.1',
  });
  const env = { WHATSAPP_URL: `http://127.0.0.1:${upstreamPort}`, REDIS_URL: redis.url };
  const host = hostAt(port, env);
  await upstream.start();
  await host.start();
  const load = new SteadyLoad({ port, ...LOAD });
  try {
    console.log(
      `Node ${process.version}, ${LOAD.connections} connections, ${LOAD.inFlight} requests under way on each\n`,
    );
    console.log(row('', 'right', 'faults', 'lost', 'wrong', 'missing', 'unasked', 'back in'));
    await run(load, { name: 'API killed', stop: () => upstream.stop('SIGKILL'), start: () => upstream.start() });
    await run(load, { name: 'Redis killed', stop: () => redis.stop(), start: () => redis.start() });
    await run(load, { name: 'host killed', stop: () => host.stop('SIGKILL'), start: () => host.start() });
    await run(load, { name: 'host stopped (SIGTERM)', stop: () => host.stop('SIGTERM'), start: () => host.start() });
    await load.end();
    await host.stop('SIGKILL');
    await roll(env);
  } finally {
    await host.stop('SIGKILL');
    await upstream.stop('SIGKILL');
    await redis.stop();
    removeFolders();
  }
  const { wrong, missing, unasked } = load.counts;
  for (const [text, times] of load.faults) console.log(`\n${times} times ${text}`);
  if (wrong + missing + unasked === 0) return;
  console.error(`\n${wrong} wrong, ${missing} missing, ${unasked} unasked: ${load.wrong.slice(0, 5).join(', ')}`);
  process.exitCode = 1;
}

await main();
