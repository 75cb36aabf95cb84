/**
 * `npm run bench:start`: the time that `serve` with plugins/messaging takes to listen, and its resident memory when idle,
 * compared with a bare node:net server. BENCH_TIMES (10) is the number of starts.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Child, median, serve } from './child.ts';

const TIMES = Number(process.env.BENCH_TIMES ?? 10);

/** Time after the start until it is idle, in ms. */
const REST_MS = 2000;

/** Only listens. */
const BARE = `require('node:net').createServer().listen(0, '127.0.0.1', function () {
  process.stderr.write('address=127.0.0.1:' + this.address().port);
})`;

interface Start {
  readonly ms: number;
  readonly cpuMs: number;
  readonly restMb: number;
}

async function once(start: () => Promise<Child>): Promise<Start> {
  const before = performance.now();
  const child = await start();
  const ms = performance.now() - before;
  const cpuMs = child.cpuUs() / 1000;
  await sleep(REST_MS);
  const restMb = child.residentMb();
  await child.stop();
  return { ms, cpuMs, restMb };
}

async function times(start: () => Promise<Child>): Promise<Start[]> {
  const starts: Start[] = [];
  for (let time = 0; time < TIMES; time++) starts.push(await once(start));
  return starts;
}

function print(what: string, starts: readonly Start[], floor: readonly Start[]): void {
  const cells = (['ms', 'cpuMs', 'restMb'] as const).map((name) => {
    const values = starts.map((start) => start[name]);
    const ratio = median(values) / median(floor.map((start) => start[name]));
    const range = `${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)}`;
    return `${median(values)
      .toFixed(name === 'restMb' ? 1 : 0)
      .padStart(8)} ${`(${range})`.padEnd(15)} ${ratio.toFixed(1).padStart(5)}`;
  });
  console.log(`${what.padEnd(28)}${cells.join('')}`);
}

console.log(`Node ${process.version}, median of ${TIMES} (minimum to maximum), and the ratio to the floor\n`);
console.log(
  `${' '.repeat(28)}${['start, ms', 'CPU of it, ms', 'at rest, MB'].map((name) => name.padStart(16).padEnd(30)).join('')}`,
);
const floor = await times(() => Child.start(['-e', BARE]));
print('floor (bare node:net)', floor, floor);
print('serve, plugins/messaging', await times(() => serve('bench/config-messaging.yaml')), floor);
