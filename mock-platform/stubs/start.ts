import type { Logger } from 'esp-host';
import { createLogger } from 'esp-host/server';
import { type Listener, listen } from 'esp-host/wire';
import { StubConnection, type StubExchange } from './connection.js';
import type { StubSet } from './stub-set.js';

export interface StubServerOptions {
  readonly stubs: StubSet;
  /** 0, the default, takes any free port. */
  readonly port?: number | undefined;
  /** Default: warnings go to stderr. */
  readonly logger?: Logger | undefined;
  /** Told of each request, for a journal. */
  readonly answered?: ((exchange: StubExchange) => void) | undefined;
}

/** A running ESP server that answers from stubs. */
export interface StubServer {
  readonly host: string;
  readonly port: number;
  readonly stubs: StubSet;
  /** Gives up what is delayed, and ends every connection. */
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const CONNECTIONS = 1000;
const HANDSHAKE_MS = 10_000;

/** How long a client may take to read its last replies. */
const CLOSE_MS = 1000;

/** Listens on 127.0.0.1. @throws the error of `listen`, for instance EADDRINUSE */
export async function startStubServer(options: StubServerOptions): Promise<StubServer> {
  const { stubs, port = 0, answered = () => undefined } = options;
  const logger = options.logger ?? createLogger({ level: 'warn', format: 'text' });
  const clients = new Set<StubConnection>();
  const { name } = stubs.application;
  const listener = await listen(
    { host: HOST, port, connections: CONNECTIONS, handshakeMs: HANDSHAKE_MS },
    {
      connection: (socket) => {
        clients.add(new StubConnection(socket, { stubs, logger, answered }, (one) => clients.delete(one)));
      },
      refused: (peer, why) => logger.warn(`connection refused: ${why}`, { application: name, client: peer }),
    },
  );
  logger.info(`${name} listens for ESP and answers from stubs`, { address: `${HOST}:${listener.port}` });
  let closed: Promise<void> | undefined;
  return {
    host: HOST,
    port: listener.port,
    stubs,
    close: () => {
      closed ??= close(listener, clients);
      return closed;
    },
  };
}

async function close(listener: Listener, clients: ReadonlySet<StubConnection>): Promise<void> {
  const closed = listener.close();
  for (const client of clients) client.close();
  const timer = setTimeout(() => {
    for (const client of clients) client.destroy();
  }, CLOSE_MS);
  await closed;
  clearTimeout(timer);
}
