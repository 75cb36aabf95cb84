import { readdirSync, readFileSync } from 'node:fs';

/** Reserved descriptors: this share of all of them, but not more than this. */
const RESERVED_MAX = 1024;
const RESERVED_SHARE = 1 / 4;

/**
 * The file descriptors for connections. The rest is reserved for health, metrics, upstreams and files: a process without
 * free descriptors drops new connections silently.
 */
export class Descriptors {
  /** Descriptors that the process may have (`ulimit -n`); infinite if unknown. */
  readonly limit: number;
  readonly reserved: number;
  /** Maximum number of connections. */
  readonly connections: number;
  #taken = 0;

  /** @param open descriptors in use */
  constructor(limit = descriptorLimit(), open = openDescriptors()) {
    this.limit = limit;
    this.reserved = Math.min(RESERVED_MAX, Math.ceil(limit * RESERVED_SHARE));
    this.connections = Math.max(1, limit - open - this.reserved);
  }

  /** Takes one for a connection. @returns false if none is left */
  take(): boolean {
    if (this.#taken >= this.connections) return false;
    this.#taken++;
    return true;
  }

  release(): void {
    this.#taken--;
  }
}

/** The soft limit, which Node raises to the hard one when it starts. */
function descriptorLimit(): number {
  try {
    const soft = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

function openDescriptors(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}
