/**
 * `npm run bench:fuzz`: sends random, corrupted and slow bytes for FUZZ_MINUTES (10), while other clients are served. Prints
 * a line per minute. Stops with exit code 1 if the host ends, logs an error, or another client gets anything but its
 * responses. FUZZ_SEED repeats the bytes of a run, but not their timing.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Load } from '#wire';
import { attack, carryOut } from '../test/support/attacks.ts';
import { Random } from '../test/wire/random.ts';
import { type Child, serve } from './child.ts';
import { answer } from './requests.ts';

const MINUTES = Number(process.env.FUZZ_MINUTES ?? 10);
const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 1e9);
const AT_ONCE = 32;

/** Interval of sampling the heap, in ms. The minimum of a minute is live memory; the rest is garbage. */
const LOOK_MS = 500;

class Attackers {
  attacks = 0;
  bytes = 0;
  #over = false;
  readonly #random = new Random(SEED);
  readonly #running: Promise<void>[];

  constructor(private readonly port: number) {
    this.#running = Array.from({ length: AT_ONCE }, () => this.#attack());
  }

  async stop(): Promise<void> {
    this.#over = true;
    await Promise.all(this.#running);
  }

  async #attack(): Promise<void> {
    while (!this.#over) {
      this.bytes += await carryOut(attack(this.#random), this.port);
      this.attacks++;
    }
  }
}

/** The minimum heap, in MB, and the number of open connections. */
class Watch {
  heapMb = Number.POSITIVE_INFINITY;
  connections = 0;

  constructor(private readonly url: string) {}

  async look(): Promise<void> {
    const text = await (await fetch(this.url)).text();
    const read = (name: string): number => Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1]);
    this.heapMb = Math.min(this.heapMb, read('nodejs_heap_size_used_bytes') / (1 << 20));
    this.connections = read('esp_connections');
  }
}

async function minute(child: Child, load: Load, watch: Watch): Promise<void> {
  const end = performance.now() + Math.min(1, MINUTES) * 60_000;
  while (performance.now() < end) {
    await sleep(LOOK_MS);
    await watch.look();
    const { faulted, unanswered, unmatched, connectionErrors } = load.totals;
    if (faulted + unanswered + unmatched + connectionErrors.size > 0) {
      throw new Error(`another client was disturbed: ${JSON.stringify(load.totals)} ${[...connectionErrors]}`);
    }
    const error = /^\S+ ERROR .*$/m.exec(child.log());
    if (error !== null) throw new Error(`the host logged an error: ${error[0]}`);
    child.clearLog();
  }
}

function print(number: number, child: Child, attackers: Attackers, load: Load, watch: Watch): void {
  const { answered, latencies } = load.totals;
  const cells = [
    String(number).padStart(6),
    attackers.attacks.toLocaleString('en').padStart(11),
    (attackers.bytes / 1e6).toFixed(1).padStart(9),
    answered.toLocaleString('en').padStart(12),
    (latencies.percentileUs(0.99) / 1000).toFixed(2).padStart(8),
    watch.heapMb.toFixed(1).padStart(9),
    child.residentMb().toFixed(0).padStart(8),
    String(watch.connections).padStart(12),
  ];
  console.log(cells.join(' '));
}

async function main(): Promise<void> {
  const child = await serve('bench/config-fuzz.yaml');
  const url = `${/health and metrics url=(\S+)/.exec(child.log())?.[1]}/metrics`;
  const times = { timeoutMs: 10_000, connectTimeoutMs: 10_000 };
  const others = { connections: 2, inFlight: 4, messages: [answer] } as const;
  const load = await Load.start({ host: '127.0.0.1', port: child.port, ...others, ...times });
  const attackers = new Attackers(child.port);
  try {
    console.log(`Node ${process.version}, seed ${SEED}, ${AT_ONCE} attackers; heap: minimum of each minute\n`);
    console.log('minute     attacks   MB sent  good replies   p99 ms   heap MB   RSS MB  connections');
    for (let number = 1; number <= Math.max(1, MINUTES); number++) {
      const watch = new Watch(url);
      await minute(child, load, watch);
      print(number, child, attackers, load, watch);
      load.clear();
    }
  } finally {
    load.stop();
    await attackers.stop();
    await child.stop();
  }
}

await main();
