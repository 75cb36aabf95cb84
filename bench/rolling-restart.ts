import { setTimeout as sleep } from 'node:timers/promises';
import { EspClient } from 'esp-host/client';
import { type InteractionServer, startInteractionServer } from 'esp-host/mock';

/** Requests per second. */
export const RATE = 200;
const TICK_MS = 5;
const SETTLE_MS = 1000;

/** A host that can be restarted at its address. */
export interface RestartedHost {
  readonly name: string;
  readonly port: number;
  stop(signal: NodeJS.Signals): Promise<void>;
  start(): Promise<void>;
}

/** The outcomes of requests. */
export interface Rolled {
  asked: number;
  right: number;
  /** Faults by code and text. */
  readonly faults: Map<string, number>;
  /** The longest time of a reply, in ms. */
  slowestMs: number;
  /** The time that each host took to stop, in ms. */
  readonly stopMs: number[];
}

/** Sends requests to Interaction Server at a steady rate, by type, without waiting for replies. */
class SteadyRate {
  readonly rolled: Rolled = { asked: 0, right: 0, faults: new Map(), slowestMs: 0, stopMs: [] };
  readonly #client: EspClient;
  readonly #waiting = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(port: number) {
    this.#client = new EspClient({ host: '127.0.0.1', port, requestTimeoutMs: 20_000 });
  }

  async start(): Promise<void> {
    await this.#client.connect();
    const began = performance.now();
    this.#timer = setInterval(() => {
      while (this.rolled.asked < ((performance.now() - began) * RATE) / 1000) this.#askSoon();
    }, TICK_MS);
  }

  async end(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#waiting);
    await this.#client.close();
  }

  #askSoon(): void {
    const asked = this.#ask(`+4930${1_000_000 + this.rolled.asked++}`).finally(() => this.#waiting.delete(asked));
    this.#waiting.add(asked);
  }

  async #ask(Id: string): Promise<void> {
    const began = performance.now();
    const call = { service: 'Messaging', method: 'ValidateContact', appType: 171, parameters: { Id } };
    const { parameters, fault } = await this.#client.request(call);
    this.rolled.slowestMs = Math.max(this.rolled.slowestMs, performance.now() - began);
    if (fault === undefined && parameters.string('Id') === Id) this.rolled.right++;
    else this.#fault(fault === undefined ? 'a wrong answer' : `${fault.code} ${fault.text}`);
  }

  #fault(text: string): void {
    this.rolled.faults.set(text, (this.rolled.faults.get(text) ?? 0) + 1);
  }
}

/** Restarts hosts behind the mock Interaction Server in turn, `rounds` times, under a steady load. */
export async function rollingRestart(
  hosts: readonly RestartedHost[],
  signal: NodeJS.Signals,
  rounds: number,
): Promise<Rolled> {
  const applications = hosts.map(({ name, port }) => ({ name, type: 171, address: { host: '127.0.0.1', port } }));
  const server = await startInteractionServer({ applications, logger: SILENT });
  const load = new SteadyRate(server.port);
  await load.start();
  for (let round = 0; round < rounds; round++) {
    for (const host of hosts) {
      await sleep(SETTLE_MS);
      const began = performance.now();
      await host.stop(signal);
      load.rolled.stopMs.push(performance.now() - began);
      await host.start();
      await connected(server, host.name);
    }
  }
  await sleep(SETTLE_MS);
  await load.end();
  await server.close();
  return load.rolled;
}

const ignore = (): void => undefined;
const SILENT = { debug: ignore, info: ignore, warn: ignore, error: ignore };

async function connected(server: InteractionServer, name: string): Promise<void> {
  while (!server.isConnected(name)) await sleep(20);
}
