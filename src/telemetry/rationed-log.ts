import { type Clock, realClock } from './clock.js';
import type { LogLevel } from './log-line.js';
import type { RootLogger } from './logger.js';

/** How long lines of the same kind and client are only counted after one was written. */
const INTERVAL_MS = 1000;

/** Maximum number of pairs of kind and client. Beyond it, further clients share one pair per kind. */
const PAIRS_MAX = 200;

/** Stands for the clients beyond that number. */
const OTHERS = '';

interface Line {
  readonly level: LogLevel;
  readonly text: () => string;
  readonly fields: (() => Record<string, unknown>) | undefined;
}

/** The lines of one kind and client since the last that was written. */
interface Pending {
  times: number;
  last: Line;
  timer: unknown;
}

/** The address of a peer without its port: of `10.0.0.1:50123`, or `::1:50123`. */
export function addressOf(peer: string): string {
  const colon = peer.lastIndexOf(':');
  return colon < 0 ? peer : peer.slice(0, colon);
}

/**
 * Writes log lines that clients can cause, without letting them flood the log. The first line of a kind and client is
 * written at once. Those that follow within a second are counted, and the last of them is written for all, with `times`.
 * Level debug writes every line. Never throws: a line that cannot be written is lost.
 */
export class RationedLog {
  /** By kind, then by client. */
  readonly #kinds = new Map<string, Map<string, Pending>>();
  #pairs = 0;

  constructor(
    private readonly logger: RootLogger,
    private readonly clock: Clock = realClock,
  ) {}

  /**
   * @param kind a constant: the number of kinds is not limited here
   * @param client the address of the client without its port, so that new connections create no new pairs
   * @param text called for written lines only, up to a second later; must not keep a whole request in memory
   * @param fields like `text`
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
      else this.#ration(kind, client, line);
    } catch {
      // A failing logger must not fail its caller.
    }
  }

  /**
   * Writes a line about a connection.
   * @param peer address and port; lines are rationed by address
   */
  ofConnection(
    level: LogLevel,
    kind: string,
    peer: string,
    text: string,
    fields: Record<string | symbol, unknown> = {},
  ): void {
    this.write(
      level,
      kind,
      addressOf(peer),
      () => text,
      () => ({ ...fields, client: peer }),
    );
  }

  /** Writes the lines that were only counted so far. */
  close(): void {
    for (const clients of this.#kinds.values()) {
      for (const pending of clients.values()) {
        this.clock.clearTimeout(pending.timer);
        this.#flush(pending);
      }
    }
    this.#kinds.clear();
    this.#pairs = 0;
  }

  #ration(kind: string, client: string, line: Line): void {
    const clients = this.#clientsOf(kind);
    const isFull = this.#pairs >= PAIRS_MAX;
    const pending = clients.get(client) ?? (isFull ? clients.get(OTHERS) : undefined);
    if (pending !== undefined) {
      pending.times++;
      pending.last = line;
      return;
    }
    const key = isFull ? OTHERS : client;
    const added: Pending = { times: 0, last: line, timer: undefined };
    clients.set(key, added);
    this.#pairs++;
    this.#arm(clients, key, added);
    this.#write(line);
  }

  #clientsOf(kind: string): Map<string, Pending> {
    const known = this.#kinds.get(kind);
    if (known !== undefined) return known;
    const clients = new Map<string, Pending>();
    this.#kinds.set(kind, clients);
    return clients;
  }

  #arm(clients: Map<string, Pending>, key: string, pending: Pending): void {
    pending.timer = this.clock.setTimeout(() => {
      if (this.#flush(pending)) {
        this.#arm(clients, key, pending);
      } else {
        clients.delete(key);
        this.#pairs--;
      }
    }, INTERVAL_MS);
  }

  /** Returns whether there was a line to write. */
  #flush(pending: Pending): boolean {
    const { times, last } = pending;
    if (times === 0) return false;
    pending.times = 0;
    this.#write(last, times);
    return true;
  }

  #write({ level, text, fields }: Line, times = 1): void {
    try {
      this.logger[level](text(), times === 1 ? fields?.() : { ...fields?.(), times });
    } catch {
      // A failing logger, or text, must not fail the caller.
    }
  }
}
