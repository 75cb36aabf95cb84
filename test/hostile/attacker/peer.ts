import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { type Reply, ReplyReader } from './esp.js';

/** How long a write waits for a host that does not read, in ms, before the attack continues. */
const UNREAD_MS = 200;

export type Speaks = 'ESP' | 'ESP over TLS' | 'HTTP';

/** A connection of an attacker. */
export class Peer {
  /** How many replies have come. */
  replies = 0;
  closed = false;
  onReply: ((reply: Reply) => void) | undefined;
  /** What was wrong with a reply: whoever waits for replies gets it. */
  problem: Error | undefined;
  /** Resolves when the connection is over, in whatever way. */
  readonly over: Promise<void>;
  #waiting: (() => void)[] = [];

  private constructor(
    readonly socket: Socket,
    speaks: Speaks,
  ) {
    const reader = new ReplyReader((reply) => {
      this.replies++;
      this.onReply?.(reply);
    });
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      if (speaks !== 'HTTP') reader.push(chunk);
      this.#wake();
    });
    socket.on('drain', () => this.#wake());
    this.over = new Promise((resolve) => {
      socket.once('close', () => {
        this.closed = true;
        this.#wake();
        resolve();
      });
    });
  }

  /** Connects, from another address of this machine if one is given. A refused one is closed when it resolves. */
  static async open(port: number, from?: string, speaks: Speaks = 'ESP'): Promise<Peer> {
    const address = { port, host: '127.0.0.1', ...(from ? { localAddress: from } : {}) };
    const socket = speaks === 'ESP over TLS' ? connectTls({ ...address, rejectUnauthorized: false }) : connect(address);
    socket.setNoDelay(true);
    const peer = new Peer(socket, speaks);
    await Promise.race([
      once(socket, speaks === 'ESP over TLS' ? 'secureConnect' : 'connect').catch(() => undefined),
      peer.over,
    ]);
    return peer;
  }

  /** Resolves when the bytes are on their way, the connection is over, or the host has not read for a moment. */
  async write(bytes: Buffer | string): Promise<void> {
    if (this.closed || this.socket.destroyed || this.socket.write(bytes)) return;
    await this.#woken(UNREAD_MS);
  }

  /** Waits for that many replies in total. @throws if they don't arrive within `ms`, or the connection ends first */
  async until(count: number, what: string, ms = 30_000): Promise<void> {
    const end = performance.now() + ms;
    while (this.replies < count) {
      if (this.problem !== undefined) throw this.problem;
      if (this.closed) throw new Error(`${what}: the connection was closed with ${this.replies} of ${count}`);
      const left = end - performance.now();
      if (left <= 0) throw new Error(`${what}: ${this.replies} of ${count} replies in ${ms} ms`);
      await this.#woken(Math.min(left, 1000));
    }
  }

  /** Node can neither reset TLS nor a socket that has begun to end: it would never close the handle of the latter. */
  reset(): void {
    if (this.socket instanceof TLSSocket || this.socket.writableEnded) this.socket.destroy();
    else if (!this.socket.destroyed) this.socket.resetAndDestroy();
  }

  /** Something has happened on the connection, or the time has passed. */
  #woken(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

/** A pause that keeps no process alive. */
export const soon = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });

export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
