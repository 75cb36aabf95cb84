/**
 * `npm run bench:webhooks`: WEBHOOKS (100,000) different webhooks in random order, and a fifth of them twice, at RATE (500) a
 * second, while the host is killed and restarted KILLS (10) times. What is not acknowledged is sent again. Prints the rate
 * that was sent and acknowledged, the times to the answers, and those of ESP requests meanwhile. The exit code is 1 if an
 * acknowledged webhook did not have its effect exactly once. `npm run bench:webhooks -- --redis`: two hosts with a state in
 * Redis, which get the webhooks in turn and are killed in turn.
 */
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { EspClient } from '../src/client/index.js';
import { folder, removeFolders } from '../test/support/files.ts';
import { freePort } from '../test/support/free-port.ts';
import { RedisServer } from '../test/support/redis-server.ts';
import { redisState } from '../test/support/redis-state.ts';
import { bodyOf, post, type Receipt, writeServed, wrongEffects } from '../test/support/webhooks.ts';
import { Child } from './child.ts';

const WEBHOOKS = Number(process.env.WEBHOOKS ?? 100_000);
const RATE = Number(process.env.RATE ?? 500);
const KILLS = Number(process.env.KILLS ?? 10);

const ORDERS = 1000;
/** Webhooks without an answer at a time, as many as there are connections: none waits in this process. */
const AT_ONCE = 400;
/** Time between bursts, in ms. */
const TICK_MS = 5;
/** Within this time, senders expect their answer. */
const GOAL_MS = 250;
/** Time until a webhook that was not acknowledged is sent again, in ms. */
const AGAIN_MS = 500;
const PING_MS = 20;

/** A host that is killed and started again. */
interface Host {
  readonly espPort: number;
  readonly webhooksPort: number;
  process: Child;
}

const home = folder();
const redis = process.argv.includes('--redis') ? await RedisServer.start({ appendonly: true }) : undefined;
const state = redis === undefined ? '{ file: state.db }' : `{ redis: { url: "${redis.url}" } }`;

const run = ({ espPort, webhooksPort }: Omit<Host, 'process'>): Promise<Child> => {
  const config = writeServed(home, webhooksPort, '', state);
  return Child.start(['bin/esp-host.cjs', 'serve', '--config', config, '--listen', `127.0.0.1:${espPort}`]);
};

async function startHost(): Promise<Host> {
  const ports = { espPort: await freePort(), webhooksPort: await freePort() };
  return { ...ports, process: await run(ports) };
}

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

/** Sends webhooks at a steady rate, and those that were not acknowledged again, in addition to it. */
class Sender {
  readonly answersMs: number[] = [];
  /** How many answers had each status. */
  readonly statuses = new Map<number, number>();
  acknowledged = 0;
  /** Attempts, and those without an answer: the host was killed. */
  sent = 0;
  unanswered = 0;
  /** How long after its turn a webhook was sent, in ms. */
  latestMs = 0;
  seconds = 0;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  readonly #receipts: readonly Receipt[];
  #open = 0;

  constructor(receipts: readonly Receipt[]) {
    this.#receipts = receipts;
  }

  async run(): Promise<void> {
    const began = performance.now();
    for (const [index, receipt] of this.#receipts.entries()) {
      const due = began + (index * 1000) / RATE;
      while (performance.now() < due || this.#open >= AT_ONCE) await sleep(TICK_MS);
      this.latestMs = Math.max(this.latestMs, performance.now() - due);
      void this.#send(receipt);
    }
    while (this.acknowledged < this.#receipts.length) await sleep(TICK_MS);
    this.seconds = (performance.now() - began) / 1000;
    this.#agent.destroy();
  }

  async #send(receipt: Receipt): Promise<void> {
    for (;;) {
      const status = await this.#attempt(receipt);
      if (status === 200) break;
      await sleep(AGAIN_MS);
    }
    this.acknowledged++;
  }

  async #attempt(receipt: Receipt): Promise<number | undefined> {
    const began = performance.now();
    this.sent++;
    this.#open++;
    const { webhooksPort } = hosts[this.sent % hosts.length] as Host;
    const answer = await post(webhooksPort, bodyOf(receipt), { agent: this.#agent }).catch(() => undefined);
    this.#open--;
    if (answer?.status === undefined) {
      this.unanswered++;
      return undefined;
    }
    this.answersMs.push(performance.now() - began);
    this.statuses.set(answer.status, (this.statuses.get(answer.status) ?? 0) + 1);
    return answer.status;
  }
}

/** ESP requests one after the other, with their times. */
async function ping(espPort: number, isOver: () => boolean): Promise<number[]> {
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

const first = await startHost();
const hosts = redis === undefined ? [first] : [first, await startHost()];
let cpuUs = 0;

/** The state file is free, and its inbox empty, when a stopped host has handled what was left. */
async function wrongInFile(): Promise<string[]> {
  for (let left = true; left; ) {
    await sleep(1000);
    first.process.signal('SIGTERM');
    await first.process.stop();
    first.process = await run(first);
    left = /webhook events of an earlier run/.test(first.process.log());
  }
  await first.process.stop();
  return wrongEffects(home, ids);
}

/** Meanwhile, the hosts handle the events that wait. */
async function wrongInRedis(server: RedisServer): Promise<string[]> {
  const open = () => redisState(server.url, 'esp-host:');
  const store = await open();
  while ((await store.do('waiting', { most: 1 })).length > 0) await sleep(100);
  await store.close();
  for (const { process } of hosts) await process.stop();
  const found = await wrongEffects(home, ids, open);
  await server.stop();
  return found;
}
const sender = new Sender(deliveries());
const total = Math.ceil(WEBHOOKS * 1.2);
const rested = await (async () => {
  let over = false;
  const pinged = ping(first.espPort, () => over);
  await sleep(3000);
  over = true;
  return pinged;
})();
const done = sender.run();
const pinged = ping(first.espPort, () => sender.acknowledged >= total);
for (let kill = 1; kill <= KILLS; kill++) {
  while (sender.acknowledged < (total * kill) / (KILLS + 1)) await sleep(TICK_MS);
  const host = hosts[kill % hosts.length] as Host;
  cpuUs += host.process.cpuUs();
  host.process.signal('SIGKILL');
  await host.process.stop();
  host.process = await run(host);
}
await done;
const cpuMs = hosts.reduce((sum, { process }) => sum + process.cpuUs(), cpuUs) / 1000 / total;
const requests = await pinged;
const ids = Array.from({ length: WEBHOOKS }, (_, index) => `r${index}`);
const wrong = redis === undefined ? await wrongInFile() : await wrongInRedis(redis);
removeFolders();
console.log(`Node ${process.version}; ${WEBHOOKS} webhooks, ${total} deliveries, ${KILLS} kills`);
const { seconds, sent, unanswered, latestMs, answersMs, statuses } = sender;
const perSecond = (count: number): string => (count / seconds).toFixed(0);
console.log(
  `offered: ${RATE} a second, at most ${latestMs.toFixed(0)} ms late, and ${sent - total} again; ${perSecond(sent)} sent a second`,
);
console.log(
  `achieved: ${perSecond(total)} acknowledged a second in ${seconds.toFixed(0)} s, CPU ${cpuMs.toFixed(2)} ms each`,
);
const byStatus = [...statuses].map(([status, count]) => `${count} with status ${status}`);
console.log(`answers: ${byStatus.join(', ')}; ${unanswered} attempts without an answer`);
const inTime = answersMs.filter((ms) => ms <= GOAL_MS).length;
times('times to the answers', answersMs);
console.log(`${((100 * inTime) / answersMs.length).toFixed(3)} % of the answers within ${GOAL_MS} ms`);
times('ESP requests without webhooks', rested);
times('ESP requests meanwhile', requests);
const examples = wrong.length === 0 ? '' : `: ${wrong.slice(0, 5).join(', ')}`;
console.log(`effects: ${WEBHOOKS - wrong.length} of ${WEBHOOKS} exactly once, ${wrong.length} not${examples}`);
if (wrong.length > 0) process.exitCode = 1;
