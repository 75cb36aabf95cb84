import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

export interface Holder {
  readonly pid: number;
  /** Of its program. */
  readonly name: string;
  /** Whether it is a host of this kind. */
  readonly isHost: boolean;
}

/** Who listens on a TCP port; undefined where /proc does not tell: another system, or another user's process. */
export function portHolder(port: number): Holder | undefined {
  const sockets = new Set(['tcp', 'tcp6'].flatMap((table) => listening(table, port)));
  if (sockets.size === 0) return undefined;
  const pid = read(() => readdirSync('/proc'), []).find((name) => /^\d+$/.test(name) && holds(name, sockets));
  if (pid === undefined) return undefined;
  const words = text(`/proc/${pid}/cmdline`).split('\0');
  return {
    pid: Number(pid),
    name: text(`/proc/${pid}/comm`).trim(),
    isHost: words.some((word) => /^esp-host(\.cjs)?$/.test(basename(word))),
  };
}

/** As a row of /proc/net/tcp has it. */
const LISTEN = '0A';

/** The inodes of the sockets that listen on a port. */
function listening(table: string, port: number): string[] {
  const rows = text(`/proc/net/${table}`).split('\n').slice(1);
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return rows.flatMap((row) => {
    const [, local = '', , state, , , , , , inode = ''] = row.trim().split(/\s+/);
    return state === LISTEN && local.endsWith(`:${wanted}`) ? [`socket:[${inode}]`] : [];
  });
}

function holds(pid: string, sockets: ReadonlySet<string>): boolean {
  const files = read(() => readdirSync(`/proc/${pid}/fd`), []);
  return files.some((file) => sockets.has(read(() => readlinkSync(`/proc/${pid}/fd/${file}`), '')));
}

const text = (path: string): string => read(() => readFileSync(path, 'utf8'), '');

/** Processes end while one looks, and not all of them may be looked at. */
function read<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}
