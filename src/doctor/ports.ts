import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Finding } from '../host/index.js';
import { ListenError, type Prepared } from '../server/index.js';
import { type Holder, portHolder } from './port-holder.js';

type Key = ListenError['key'];

/** Whether the ports of the listeners are free, and who has those that are not. */
export async function* examinePorts({ loaded }: Prepared): AsyncGenerator<Finding> {
  const { esp, http, metrics } = loaded.config.listeners;
  yield examine('listeners.esp', esp);
  if (http !== undefined) yield examine('listeners.http', http);
  if (metrics?.enabled !== false) yield examine('listeners.metrics', metrics ?? { host: '127.0.0.1', port: 7190 });
}

async function examine(key: Key, { host, port }: { host: string; port: number }): Promise<Finding> {
  const about = `${key}.port`;
  const failed = await attempt(key, host, port);
  if (failed === undefined) return { about, state: 'good', text: `${host}:${port} is free` };
  if (!failed.isInUse) return { about, state: 'trouble', text: failed.message, advice: `correct ${key} in the config` };
  const holder = portHolder(port);
  if (holder?.isHost === true) {
    return { about, state: 'good', text: `an esp-host listens on ${host}:${port} already: ${pidOf(holder)}` };
  }
  const who =
    holder === undefined ? 'another program, of another user most likely' : `${holder.name} (${pidOf(holder)})`;
  const advice = `stop it, or choose another port in ${about}`;
  return { about, state: 'trouble', text: `${host}:${port} is taken by ${who}`, advice };
}

const pidOf = ({ pid }: Holder): string => `process ${pid}`;

/** Listens for a moment. */
async function attempt(key: Key, host: string, port: number): Promise<ListenError | undefined> {
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
