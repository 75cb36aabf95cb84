import { type Clock, realClock } from './clock.js';
import type { LogLevel } from './log-line.js';
import type { RootLogger } from './logger.js';

/** After a line, those of the same kind and client are counted for this long. */
const INTERVAL_MS = 1000;
/** Most pairs of kind and client that are told apart at one time. Past it, the clients of a kind share a line. */
const PAIRS = 200;
/** Stands for all clients past that bound. */
const OTHERS = '';

interface Line {
  readonly level: LogLevel;
  readonly text: () => string;
  readonly fields: (() => Record<string, unknown>) | undefined;
}

/** Of `10.0.0.1:50123`, or `::1:50123`, what stays the same when the client connects again. */
export function addressOf(peer: string): string {
  const colon = peer.lastIndexOf(':');
  return colon < 0 ? peer : peer.slice(0, colon);
}

/** The lines of one kind and client since the last that was written. */
interface Repeated {
  times: number;
  last: Line;
  timer: unknown;
}

/**
 * Log lines that a client can cause, without a flood: the first of a kind and client is written at once, those that
 * follow within a second are only counted, and the last of them is written for all, with `times`. At level debug every
 * line is written. Never throws: a line that cannot be written is lost.
 */
export class RationedLog {
  /** By kind, then by client. */
  readonly #kinds = new Map<string, Map<string, Repeated>>();
  #pairs = 0;

  constructor(
    private readonly logger: RootLogger,
    private readonly clock: Clock = realClock,
  ) {}

  /**
   * @param kind a constant of the code: their number is not bounded here
   * @param client the client's address without its port, so that new connections make no new pairs
   * @param text called only for what is written, up to a second later; it must not keep a whole request in memory
   * @param fields the same
   */
  write(
    level: LogLevel,
    kind: string,
    client: string,
    text: () => string,
    fields?: () => Record<string, unknown>,
  ): void {
    try {
      if (!this.logger.enabled(level)) return;
      const line = { level, text, fields };
      if (this.logger.enabled('debug')) this.#write(line);
      else this.#limited(kind, client, line);
    } catch {
      // A logger that fails must not end what it only tells of.
    }
  }

  /**
   * About a connection.
   * @param peer its address and port: lines are told apart by the address alone
   */
  ofConnection(level: LogLevel, kind: string, peer: string, text: string, fields: Record<string, unknown> = {}): void {
    this.write(
      level,
      kind,
      addressOf(peer),
      () => text,
      () => ({ ...fields, client: peer }),
    );
  }

  /** Writes what is only counted so far. */
  close(): void {
    for (const clients of this.#kinds.values()) {
      for (const repeated of clients.values()) {
        this.clock.clearTimeout(repeated.timer);
        this.#tell(repeated);
      }
    }
    this.#kinds.clear();
    this.#pairs = 0;
  }

  #limited(kind: string, client: string, line: Line): void {
    const clients = this.#kinds.get(kind);
    const known = clients?.get(client) ?? (this.#pairs < PAIRS ? undefined : clients?.get(OTHERS));
    if (known !== undefined) {
      known.times++;
      known.last = line;
      return;
    }
    const repeated: Repeated = { times: 0, last: line, timer: undefined };
    this.#remember(kind, this.#pairs < PAIRS ? client : OTHERS, repeated);
    this.#write(line);
  }

  #remember(kind: string, client: string, repeated: Repeated): void {
    const clients = this.#kinds.get(kind) ?? new Map<string, Repeated>();
    this.#kinds.set(kind, clients.set(client, repeated));
    this.#pairs++;
    this.#arm(kind, client, repeated);
  }

  #arm(kind: string, client: string, repeated: Repeated): void {
    repeated.timer = this.clock.setTimeout(() => {
      if (this.#tell(repeated)) this.#arm(kind, client, repeated);
      else this.#forget(kind, client);
    }, INTERVAL_MS);
  }

  /** Whether there was something to tell. */
  #tell(repeated: Repeated): boolean {
    const { times, last } = repeated;
    if (times === 0) return false;
    repeated.times = 0;
    this.#write(last, times);
    return true;
  }

  #forget(kind: string, client: string): void {
    const clients = this.#kinds.get(kind);
    if (!clients?.delete(client)) return;
    this.#pairs--;
    if (clients.size === 0) this.#kinds.delete(kind);
  }

  #write({ level, text, fields }: Line, times = 1): void {
    try {
      this.logger[level](text(), times === 1 ? fields?.() : { ...fields?.(), times });
    } catch {
      // The same.
    }
  }
}
