import { readdirSync, readFileSync } from 'node:fs';

/** Most descriptors that are kept free, and which share of all they may be. */
const MOST_RESERVED = 1024;
const RESERVED_SHARE = 1 / 4;

/**
 * The file descriptors that connections may take. The rest stays free for health, metrics, upstreams and files: a
 * process that has none left closes new connections without a word.
 */
export class Descriptors {
  /** How many the process may have open (`ulimit -n`); infinite where the system does not tell. */
  readonly limit: number;
  readonly reserved: number;
  /** How many connections may be open. */
  readonly most: number;
  #taken = 0;

  /** @param open how many are open already */
  constructor(limit = descriptorLimit(), open = openDescriptors()) {
    this.limit = limit;
    this.reserved = Math.min(MOST_RESERVED, Math.ceil(limit * RESERVED_SHARE));
    this.most = Math.max(1, limit - open - this.reserved);
  }

  /** False: there is none left for a connection. */
  take(): boolean {
    if (this.#taken >= this.most) return false;
    this.#taken++;
    return true;
  }

  giveBack(): void {
    this.#taken--;
  }
}

/** The soft limit, which Node has raised to the hard one when it started. */
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
