import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { charset, type EspMessage, encodeMessage } from 'esp-host/wire';
import type { Child } from './child.ts';

const REFERENCE_ID = 4 + 1 + 4 + 4 + 1;
const MESSAGE_ID = 5;
const RESPONSE = 501;

/** Longest latency that the histogram tells apart, in microseconds. */
const LONGEST_US = 1_000_000;

export interface Load {
  readonly connections: number;
  readonly inFlight: number;
}

export interface Result {
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly serverUs: number;
  readonly generatorUs: number;
}

/**
 * Keeps `inFlight` requests under way on each of `connections`, with bytes that were built beforehand: it only frames
 * and counts what comes back, so that it is not what is measured. A reply that is no response ends the bench.
 */
export async function run(
  server: Child,
  message: EspMessage,
  load: Load,
  warmMs: number,
  runMs: number,
): Promise<Result> {
  const frames = Array.from({ length: load.inFlight }, (_, slot) =>
    encodeMessage({ ...message, referenceId: slot }, charset()),
  );
  const meter = new Meter();
  const lines = await Promise.all(
    Array.from({ length: load.connections }, () => Line.open(server.port, frames, meter)),
  );
  for (const line of lines) line.begin();
  await elapsed(warmMs);
  meter.reset();
  const cpu = process.cpuUsage();
  const serverCpu = server.cpuUs();
  const start = performance.now();
  await elapsed(runMs);
  const seconds = (performance.now() - start) / 1000;
  const used = process.cpuUsage(cpu);
  const serverUs = server.cpuUs() - serverCpu;
  const { requests } = meter;
  await Promise.all(lines.map((line) => line.end()));
  if (meter.problem !== undefined) throw meter.problem;
  return {
    requests,
    requestsPerSecond: requests / seconds,
    p50Us: meter.percentile(0.5),
    p99Us: meter.percentile(0.99),
    serverUs: serverUs / requests,
    generatorUs: (used.user + used.system) / requests,
  };
}

const elapsed = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

class Meter {
  requests = 0;
  problem: Error | undefined;
  readonly #counts = new Uint32Array(LONGEST_US + 1);

  record(us: number): void {
    this.requests++;
    const bucket = Math.min(LONGEST_US, Math.round(us));
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
  }

  reset(): void {
    this.requests = 0;
    this.#counts.fill(0);
  }

  percentile(share: number): number {
    let left = this.requests * share;
    for (let us = 0; us <= LONGEST_US; us++) {
      left -= this.#counts[us] ?? 0;
      if (left <= 0) return us;
    }
    return LONGEST_US;
  }
}

/** One connection of the generator. */
class Line {
  #rest: Buffer = Buffer.alloc(0);
  #ended = false;
  readonly #began: Float64Array;

  readonly #socket: Socket;
  readonly #frames: readonly Buffer[];
  readonly #meter: Meter;

  private constructor(socket: Socket, frames: readonly Buffer[], meter: Meter) {
    this.#socket = socket;
    this.#frames = frames;
    this.#meter = meter;
    this.#began = new Float64Array(frames.length);
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#data(chunk));
    socket.on('close', () => {
      if (!this.#ended) meter.problem ??= new Error('the server closed a connection');
    });
  }

  static async open(port: number, frames: readonly Buffer[], meter: Meter): Promise<Line> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new Line(socket, frames, meter);
  }

  begin(): void {
    this.#began.fill(performance.now());
    this.#socket.write(Buffer.concat(this.#frames));
  }

  async end(): Promise<void> {
    this.#ended = true;
    this.#socket.destroy();
    if (!this.#socket.closed) await once(this.#socket, 'close');
  }

  #data(chunk: Buffer): void {
    if (this.#ended) return;
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const next: Buffer[] = [];
    const now = performance.now();
    let at = 0;
    while (bytes.length - at >= 4) {
      const end = at + 4 + bytes.readUInt32BE(at);
      if (end > bytes.length) break;
      this.#reply(bytes, at, now, next);
      at = end;
    }
    this.#rest = bytes.subarray(at);
    if (next.length > 0) this.#socket.write(next.length === 1 ? (next[0] as Buffer) : Buffer.concat(next));
  }

  #reply(bytes: Buffer, at: number, now: number, next: Buffer[]): void {
    if (bytes.readUInt32BE(at + MESSAGE_ID) !== RESPONSE) {
      this.#meter.problem ??= new Error(`a reply is no response: ${bytes.toString('latin1', at, at + 400)}`);
    }
    const slot = bytes.readUInt32BE(at + REFERENCE_ID);
    const frame = this.#frames[slot];
    if (frame === undefined) throw new Error(`a reply with ReferenceId ${slot}, which was never sent`);
    this.#meter.record((now - (this.#began[slot] ?? now)) * 1000);
    this.#began[slot] = now;
    next.push(frame);
  }
}
