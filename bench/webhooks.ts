/**
 * `npm run bench:webhooks`: WEBHOOKS (100,000) different webhooks in random order, and a fifth of them twice, at RATE (500) a
 * second, while the host is killed and restarted KILLS (10) times. What is not acknowledged is sent again. Prints the times
 * to the answers, and those of ESP requests meanwhile. The exit code is 1 if an acknowledged webhook did not have its effect
 * exactly once.
 */
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { EspClient } from '../src/client/index.js';
import { folder, removeFolders } from '../test/support/files.ts';
import { freePort } from '../test/support/free-port.ts';
import { bodyOf, post, type Receipt, writeServed, wrongEffects } from '../test/support/webhooks.ts';
import { Child } from './child.ts';

const WEBHOOKS = Number(process.env.WEBHOOKS ?? 100_000);
const RATE = Number(process.env.RATE ?? 500);
const KILLS = Number(process.env.KILLS ?? 10);

const ORDERS = 1000;
/** Webhooks without an answer at a time, as many as there are connections: none waits in this process. */
const AT_ONCE = 100;
/** Time between bursts, in ms. */
const TICK_MS = 10;
/** Time until a webhook that was not acknowledged is sent again, in ms. */
const AGAIN_MS = 500;
const PING_MS = 20;

const home = folder();
const espPort = await freePort();
const webhooksPort = await freePort();
const config = writeServed(home, webhooksPort);

const startHost = (): Promise<Child> =>
  Child.start(['bin/esp-host.cjs', 'serve', '--config', config, '--listen', `127.0.0.1:${espPort}`]);

/** Every receipt, and every fifth one again, in random order. */
function deliveries(): Receipt[] {
  const receipts = Array.from({ length: WEBHOOKS }, (_, index) => ({
    id: `r${index}`,
    order: String(index % ORDERS),
    text: String(index),
  }));
  const all = [...receipts, ...receipts.filter((_, index) => index % 5 === 0)];
  for (let at = all.length - 1; at > 0; at--) {
    const other = Math.floor(Math.random() * (at + 1));
    [all[at], all[other]] = [all[other] as Receipt, all[at] as Receipt];
  }
  return all;
}

/** Sends webhooks at a steady rate until each was acknowledged. */
class Sender {
  readonly answersMs: number[] = [];
  acknowledged = 0;
  repeated = 0;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  readonly #left: Receipt[];
  #open = 0;
  seconds = 0;

  constructor(receipts: Receipt[]) {
    this.#left = receipts;
  }

  async run(): Promise<void> {
    const total = this.#left.length;
    const began = performance.now();
    let sent = 0;
    while (this.acknowledged < total) {
      const due = ((performance.now() - began) / 1000) * RATE;
      while (sent < due && this.#left.length > 0 && this.#open < AT_ONCE) {
        sent++;
        void this.#send(this.#left.pop() as Receipt);
      }
      await sleep(TICK_MS);
    }
    this.#agent.destroy();
    this.seconds = (performance.now() - began) / 1000;
  }

  async #send(receipt: Receipt): Promise<void> {
    const began = performance.now();
    this.#open++;
    const answer = await post(webhooksPort, bodyOf(receipt), { agent: this.#agent }).catch(() => undefined);
    this.#open--;
    if (answer?.status === 200) {
      this.answersMs.push(performance.now() - began);
      this.acknowledged++;
      return;
    }
    this.repeated++;
    await sleep(AGAIN_MS);
    this.#left.unshift(receipt);
  }
}

/** ESP requests one after the other, with their times. */
async function ping(isOver: () => boolean): Promise<number[]> {
  const times: number[] = [];
  while (!isOver()) {
    try {
      const client = new EspClient({ host: '127.0.0.1', port: espPort, requestTimeoutMs: 5000 });
      await client.connect();
      while (!isOver()) {
        const began = performance.now();
        await client.request({ service: 'Effects', method: 'Ping' });
        times.push(performance.now() - began);
        await sleep(PING_MS);
      }
      await client.close();
    } catch {
      await sleep(100);
    }
  }
  return times;
}

function times(name: string, all: readonly number[]): void {
  const sorted = all.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1);
  console.log(`${name}: ${sorted.length}, ${at(0.5)} ms at p50, ${at(0.99)} at p99, ${at(1)} at most`);
}

let host = await startHost();
let cpuUs = 0;
const sender = new Sender(deliveries());
const total = Math.ceil(WEBHOOKS * 1.2);
const rested = await (async () => {
  let over = false;
  const pinged = ping(() => over);
  await sleep(3000);
  over = true;
  return pinged;
})();
const done = sender.run();
const pinged = ping(() => sender.acknowledged >= total);
for (let kill = 1; kill <= KILLS; kill++) {
  while (sender.acknowledged < (total * kill) / (KILLS + 1)) await sleep(TICK_MS);
  cpuUs += host.cpuUs();
  host.signal('SIGKILL');
  await host.stop();
  host = await startHost();
}
await done;
const cpuMs = (cpuUs + host.cpuUs()) / 1000 / total;
const requests = await pinged;
// The state file is free, and its inbox empty, when a stopped host has handled what was left.
for (let left = true; left; ) {
  await sleep(1000);
  host.signal('SIGTERM');
  await host.stop();
  host = await startHost();
  left = /webhook events of an earlier run/.test(host.log());
}
await host.stop();
const wrong = await wrongEffects(
  home,
  Array.from({ length: WEBHOOKS }, (_, index) => `r${index}`),
);
removeFolders();
console.log(`Node ${process.version}; ${WEBHOOKS} webhooks, ${total} deliveries, ${KILLS} kills`);
console.log(
  `${RATE} a second asked for, ${(total / sender.seconds).toFixed(0)} acknowledged a second, CPU ${cpuMs.toFixed(2)} ms each`,
);
console.log(`${sender.repeated} times without an acknowledgement, sent again`);
times('webhook answers', sender.answersMs);
times('ESP requests without webhooks', rested);
times('ESP requests meanwhile', requests);
console.log(`${WEBHOOKS - wrong.length} effects exactly once, ${wrong.length} not: ${wrong.slice(0, 5).join(', ')}`);
if (wrong.length > 0) process.exitCode = 1;
