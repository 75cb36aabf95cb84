import type { Socket } from 'node:net';
import type { Logger } from 'esp-host';
import { createLogger } from 'esp-host/server';
import { type Listener, listen } from 'esp-host/wire';
import type { Address } from '../configuration/index.js';
import { FRAME_MS } from '../limits.js';
import { ApplicationLink, type ConnectedApplication } from './application-link.js';
import { ClientConnection, type RelayOptions } from './client-connection.js';
import type { InteractionServerObserver } from './observer.js';
import { Router } from './router.js';

export interface InteractionServerOptions {
  /** 0, the default, takes any free port. */
  readonly port?: number | undefined;
  /** The ESP servers on its Connections tab. */
  readonly applications: readonly ConnectedApplication[];
  /** How long an application may take to answer a request; default 15000. */
  readonly deadlineMs?: number | undefined;
  /** How long to wait before a connection is tried again; default 500. */
  readonly reconnectMs?: number | undefined;
  /** Default: warnings go to stderr. */
  readonly logger?: Logger | undefined;
  readonly observer?: InteractionServerObserver | undefined;
}

/** A running mock of Interaction Server, as far as ESP goes. */
export interface InteractionServer {
  readonly host: string;
  readonly port: number;
  isConnected(application: string): boolean;
  /** Its own ends of its connections to applications: what those know it by. */
  locals(): Address[];
  /** Answers what is under way with fault 920, and ends every connection. */
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const CONNECTIONS = 1000;

/** How long a client may take to read its last replies. */
const CLOSE_MS = 1000;

/**
 * Listens on 127.0.0.1, and connects to the applications; resolves when each was tried once, and goes on trying those
 * that are not up. @throws the error of `listen`, for instance EADDRINUSE
 */
export async function startInteractionServer(options: InteractionServerOptions): Promise<InteractionServer> {
  const {
    port = 0,
    deadlineMs = 15_000,
    reconnectMs = 500,
    logger = createLogger({ level: 'warn', format: 'text' }),
    observer = {},
  } = options;
  const links = options.applications.map((application) => new ApplicationLink(application, reconnectMs, logger));
  const clients = new Set<ClientConnection>();
  const relay = { router: new Router(links), deadlineMs, logger, observer };
  const listener = await listen(
    { host: HOST, port, connections: CONNECTIONS, handshakeMs: FRAME_MS },
    {
      connection: (socket) => accept(socket, relay, clients),
      refused: (peer, why) => logger.warn(`connection refused: ${why}`, { client: peer }),
    },
  );
  logger.info('Interaction Server listens for ESP', { address: `${HOST}:${listener.port}` });
  await Promise.all(links.map((link) => link.open()));
  let closed: Promise<void> | undefined;
  return {
    host: HOST,
    port: listener.port,
    isConnected: (name) => links.some((link) => link.name === name && link.connected),
    locals: () => links.flatMap(({ local }) => local ?? []),
    close: () => {
      closed ??= close(listener, links, clients);
      return closed;
    },
  };
}

function accept(socket: Socket, relay: RelayOptions, clients: Set<ClientConnection>): void {
  clients.add(new ClientConnection(socket, relay, (connection) => clients.delete(connection)));
}

async function close(
  listener: Listener,
  links: readonly ApplicationLink[],
  clients: ReadonlySet<ClientConnection>,
): Promise<void> {
  const closed = listener.close();
  for (const link of links) link.close();
  for (const client of clients) client.close();
  const timer = setTimeout(() => {
    for (const client of clients) client.destroy();
  }, CLOSE_MS);
  await closed;
  clearTimeout(timer);
}
