/**
 * `npm run bench:memory`: resident memory of `serve` when idle, during and after load, and with 1,000 idle connections,
 * compared with a bare node:net server. BENCH_MS (10000) is the duration of the load.
 */

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Child, serve } from './child.ts';
import { measure } from './measure.ts';
import { answer } from './requests.ts';

const RUN_MS = Number(process.env.BENCH_MS ?? 10_000);
const IDLE = 1000;

interface Memory {
  readonly restMb: number;
  readonly idleKb: number;
  readonly loadMb: number;
  readonly afterMb: number;
  readonly generatorCores: number;
}

async function memoryOf(start: () => Promise<Child>): Promise<Memory> {
  const child = await start();
  try {
    await sleep(2000);
    const restMb = child.residentMb();
    const idleKb = await idle(child, restMb);
    const load = { connections: 64, inFlight: 4, messages: [answer] } as const;
    const { generatorCores } = await measure(child, load, RUN_MS);
    const loadMb = child.residentMb(true);
    await sleep(2000);
    return { restMb, idleKb, loadMb, afterMb: child.residentMb(), generatorCores };
  } finally {
    await child.stop();
  }
}

/** The memory of an idle connection, in kB. */
async function idle(child: Child, restMb: number): Promise<number> {
  const sockets: Socket[] = [];
  for (let index = 0; index < IDLE; index++) {
    const socket = connect(child.port, '127.0.0.1');
    await once(socket, 'connect');
    sockets.push(socket);
  }
  await sleep(1000);
  const heldMb = child.residentMb() - restMb;
  for (const socket of sockets) socket.destroy();
  await sleep(1000);
  return (heldMb * 1024) / IDLE;
}

function print(what: string, memory: Memory, floor: Memory): void {
  const cell = (name: keyof Memory, digits: number): string =>
    `${memory[name].toFixed(digits).padStart(9)} (${(memory[name] / floor[name]).toFixed(1)})`.padEnd(18);
  console.log(
    `${what.padEnd(24)}${cell('restMb', 1)}${cell('idleKb', 1)}${cell('loadMb', 1)}${cell('afterMb', 1)}${memory.generatorCores.toFixed(2)}`,
  );
}

console.log(`Node ${process.version}; in brackets, the ratio to the floor\n`);
console.log(
  `${' '.repeat(24)}${['at rest, MB', 'idle connection, kB', 'under load, MB', 'after it, MB'].map((name) => name.padEnd(18)).join('')}generator cores`,
);
const floor = await memoryOf(() => Child.start(['bench/floor.ts']));
print('floor (bare node:net)', floor, floor);
print('serve', await memoryOf(() => serve('bench/config.yaml')), floor);
