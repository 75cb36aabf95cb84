import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { basename, join } from 'node:path';
import type { Finding } from '../host/index.js';
import { ListenError, type Prepared } from '../server/index.js';

type Key = ListenError['key'];

const METRICS = { host: '127.0.0.1', port: 7190 };

/** Whether the ports of the listeners are free, and which process uses those that are not. */
export async function* examinePorts({ loaded }: Pick<Prepared, 'loaded'>, proc = '/proc'): AsyncGenerator<Finding> {
  const { esp, http, webhooks, metrics } = loaded.config.listeners;
  yield examine('listeners.esp', esp, proc);
  if (http !== undefined) yield examine('listeners.http', http, proc);
  if (webhooks !== undefined) yield examine('listeners.webhooks', webhooks, proc);
  if (metrics?.enabled !== false) yield examine('listeners.metrics', metrics ?? METRICS, proc);
}

async function examine(key: Key, { host, port }: { host: string; port: number }, proc: string): Promise<Finding> {
  const about = `${key}.port`;
  const error = await tryListen(key, host, port);
  if (error === undefined) return { about, state: 'good', text: `${host}:${port} is free` };
  if (!error.isInUse) return { about, state: 'trouble', text: error.message, advice: `correct ${key}` };
  const holder = portHolder(port, proc);
  if (holder?.isHost === true) {
    return { about, state: 'good', text: `an esp-host listens on ${host}:${port}: process ${holder.pid}` };
  }
  const user = holder === undefined ? 'a process of another user' : `${holder.name} (process ${holder.pid})`;
  const advice = `stop it, or choose another port in ${about}`;
  return { about, state: 'trouble', text: `${host}:${port} is in use by ${user}`, advice };
}

async function tryListen(key: Key, host: string, port: number): Promise<ListenError | undefined> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return undefined;
  } catch (error) {
    return new ListenError(error as NodeJS.ErrnoException, { host, port }, key);
  }
}

interface Holder {
  readonly pid: string;
  /** The name of its program. */
  readonly name: string;
  readonly isHost: boolean;
}

/** The process that listens on a TCP port; undefined if it belongs to another user, or the system has no /proc. */
export function portHolder(port: number, proc: string): Holder | undefined {
  const tables = [`${proc}/net/tcp`, `${proc}/net/tcp6`];
  const sockets = new Set(tables.flatMap((table) => listeningSockets(text(table), port)));
  const processes = list(proc).filter((path) => Number.isInteger(Number(basename(path))));
  const process = processes.find((path) => list(join(path, 'fd')).some((fd) => sockets.has(link(fd))));
  if (process === undefined) return undefined;
  const words = text(join(process, 'cmdline')).split('\0');
  return {
    pid: basename(process),
    name: text(join(process, 'comm')).trim(),
    isHost: words.some((word) => /^esp-host(\.cjs)?$/.test(basename(word))),
  };
}

/** The state of a listening socket in /proc/net/tcp. */
const LISTEN = '0A';

/** The sockets of a table that listen on a port, in the form of the links in /proc/PID/fd. */
function listeningSockets(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table.split('\n').flatMap((row) => {
    const [, local, , state, , , , , , inode] = row.trim().split(/\s+/);
    return state === LISTEN && local?.endsWith(suffix) ? [`socket:[${inode}]`] : [];
  });
}

/** The paths of the entries of a folder. */
const list = (path: string): string[] => read(() => readdirSync(path).map((name) => join(path, name))) ?? [];
const link = (path: string): string => read(() => readlinkSync(path)) ?? '';
const text = (path: string): string => read(() => readFileSync(path, 'utf8')) ?? '';

/** Processes may end at any time, and some are not readable. */
function read<T>(access: () => T): T | undefined {
  try {
    return access();
  } catch {
    return undefined;
  }
}
