import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/**
 * Below the ports that the system gives to connections and to listeners on port 0, and different for each of jest's
 * workers: nothing else takes a port between this and its use.
 */
const FIRST = 20_000;
const EACH = 1500;
const WORKERS = 8;

const first = FIRST + ((Number(process.env.JEST_WORKER_ID ?? 1) - 1) % WORKERS) * EACH;
let next = Math.floor(Math.random() * EACH);

/** A port on which nothing listens. */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < EACH; tried++) {
    next = (next + 1) % EACH;
    const server = createServer().listen(first + next, '127.0.0.1');
    if (!(await listens(server))) continue;
    server.close();
    await once(server, 'close');
    return first + next;
  }
  throw new Error(`every port from ${first} to ${first + EACH} is in use`);
}

const listens = (server: Server): Promise<boolean> =>
  new Promise((resolve) => {
    server.once('listening', () => resolve(true)).once('error', () => resolve(false));
  });
