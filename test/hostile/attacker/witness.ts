import { get } from 'node:http';
import type { Ground } from './attack.js';
import { type Reply, request } from './esp.js';
import { Peer } from './peer.js';

/** Between two requests, and between two probes, in ms. */
const EVERY_MS = 20;
const PROBE_MS = 100;

/** Between two new clients, in ms. */
const NEWCOMER_MS = 250;
const NEWCOMER_TIMEOUT_MS = 10_000;
const RECONNECT_MS = 100;

/** A probe that has no answer by then is given up, in ms. */
const PROBE_TIMEOUT_MS = 60_000;

/** What another client saw while a host was attacked. */
export interface Seen {
  asked: number;
  right: number;
  /** Faults and numbers that are not what was asked for, for a message. */
  wrong: string[];
  /** Replies to nothing that waited. */
  twice: number;
  /** How often its connection ended. */
  closed: number;
  /** Latencies in ms. */
  latencies: number[];
  probes: number;
  /** Probes that were refused or answered with anything but 200. */
  probesFailed: string[];
  longestProbeMs: number;
  /** Clients that connected, asked once and were answered, and those that were not. */
  newcomers: number;
  turnedAway: number;
}

const valid = (reference: number, id: string): Buffer =>
  request(reference, 'Messaging', 'ValidateContact', [['Id', id]], [['AppName', 'DMS']]);

const nothing = (): Seen => ({
  asked: 0,
  right: 0,
  wrong: [],
  twice: 0,
  closed: 0,
  latencies: [],
  probes: 0,
  probesFailed: [],
  longestProbeMs: 0,
  newcomers: 0,
  turnedAway: 0,
});

/** A client that means well: asks ValidateContact 50 times a second over one connection, and for the health. */
export class Witness {
  seen = nothing();
  readonly #pending = new Map<number, { id: string; at: number }>();
  readonly #probing = new Set<number>();
  readonly #timers: NodeJS.Timeout[];
  #peer: Peer | undefined;
  #last = 0;
  #over = false;

  private constructor(private readonly ground: Ground) {
    this.#timers = [
      setInterval(() => this.#ask(), EVERY_MS),
      setInterval(() => this.#probe(), PROBE_MS),
      setInterval(() => void this.#newcomer(), NEWCOMER_MS),
    ];
    this.#connect();
  }

  static async start(ground: Ground): Promise<Witness> {
    const witness = new Witness(ground);
    await witness.more(5);
    witness.take();
    return witness;
  }

  /** What it has seen since the last time; a probe that still waits counts with the time that it has waited. */
  take(): Seen {
    const now = performance.now();
    const { seen } = this;
    for (const since of this.#probing) seen.longestProbeMs = Math.max(seen.longestProbeMs, now - since);
    this.seen = nothing();
    return seen;
  }

  /** Continues until so many more requests have had the correct reply. @throws if they have not within `ms` */
  async more(count: number, ms = 60_000): Promise<void> {
    const end = performance.now() + ms;
    for (const from = this.seen.right; this.seen.right - from < count; ) {
      if (performance.now() > end) throw new Error(`${this.seen.right - from} of ${count} right answers in ${ms} ms`);
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  }

  /** Sends no more requests, and waits for pending ones. @returns how many requests were never answered */
  async stop(ms = 30_000): Promise<number> {
    for (const timer of this.#timers) clearInterval(timer);
    const end = performance.now() + ms;
    while (this.#pending.size > 0 && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
    this.#over = true;
    this.#peer?.socket.destroy();
    return this.#pending.size;
  }

  /** Requests whose reply is due. */
  get due(): number {
    return this.#pending.size;
  }

  #open(): Promise<Peer> {
    return Peer.open(this.ground.esp, undefined, this.ground.tls ? 'ESP over TLS' : 'ESP');
  }

  #connect(): void {
    void this.#open().then((peer) => {
      this.#peer = peer;
      peer.onReply = (reply) => this.#reply(reply);
      void peer.over.then(() => {
        if (this.#over) return;
        this.seen.closed++;
        this.#peer = undefined;
        for (const [reference, { id }] of this.#pending) {
          this.seen.wrong.push(`${id}: the connection was closed`);
          this.#pending.delete(reference);
        }
        setTimeout(() => this.#over || this.#connect(), RECONNECT_MS);
      });
    });
  }

  #ask(): void {
    if (this.#peer === undefined || this.#peer.closed) return;
    const reference = ++this.#last;
    const id = `+1631${2_000_000 + (reference % 1000)}`;
    this.#pending.set(reference, { id, at: performance.now() });
    this.seen.asked++;
    this.#peer.socket.write(valid(reference, id));
  }

  #reply({ referenceId, messageId, parameters }: Reply): void {
    const asked = this.#pending.get(referenceId);
    if (asked === undefined) {
      this.seen.twice++;
      return;
    }
    this.#pending.delete(referenceId);
    this.seen.latencies.push(performance.now() - asked.at);
    if (messageId === 501 && parameters.Id === asked.id) this.seen.right++;
    else this.seen.wrong.push(`${asked.id}: ${messageId} ${JSON.stringify(parameters)}`.slice(0, 200));
  }

  async #newcomer(): Promise<void> {
    const { seen } = this;
    const peer = await this.#open();
    await peer.write(valid(1, '+16315551002'));
    try {
      await peer.until(1, 'a new client', NEWCOMER_TIMEOUT_MS);
      seen.newcomers++;
    } catch {
      if (!this.#over) seen.turnedAway++;
    }
    peer.socket.end();
  }

  #probe(): void {
    const at = performance.now();
    this.#probing.add(at);
    this.seen.probes++;
    const done = (failure: string | undefined): void => {
      if (!this.#probing.delete(at)) return;
      this.seen.longestProbeMs = Math.max(this.seen.longestProbeMs, performance.now() - at);
      if (failure !== undefined && !this.#over) this.seen.probesFailed.push(failure);
    };
    const url = { host: '127.0.0.1', port: this.ground.metrics, path: '/health/live', agent: false };
    get({ ...url, timeout: PROBE_TIMEOUT_MS }, (response) => {
      response.resume().once('end', () => done(response.statusCode === 200 ? undefined : `${response.statusCode}`));
    }).once('error', (error) => done(error.message));
  }
}

export const percentile = (numbers: readonly number[], share: number): number =>
  [...numbers].sort((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(numbers.length * share))] ?? Number.NaN;
