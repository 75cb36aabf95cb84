import type { Clock, Logger } from 'esp-host';
import { createLogger, realClock } from '#server';
import { EspServer } from '#wire';
import type { Address } from '../configuration/index.js';
import { FRAME_MS, MESSAGE_BYTES } from '../limits.js';
import { ApplicationLink, type ConnectedApplication } from './application-link.js';
import { ClientConnection, type ThirdPartyServerOptions } from './client-connection.js';
import type { InteractionServerObserver } from './observer.js';
import { RequestWindow } from './request-window.js';
import { Router } from './router.js';

/** Options of {@link startInteractionServer}. */
export interface InteractionServerOptions {
  /** @default 0, any free port */
  readonly port?: number | undefined;
  /** The ESP servers on the Connections tab. */
  readonly applications: readonly ConnectedApplication[];
  /** How long an application may take to reply, in ms. @default 15000 */
  readonly deadlineMs?: number | undefined;
  /** The limits of the requests to one application. @default none */
  readonly thirdPartyServer?: ThirdPartyServerOptions | undefined;
  /** How long to wait before reconnecting, in ms. @default 500 */
  readonly reconnectMs?: number | undefined;
  /** @default warnings go to stderr */
  readonly logger?: Logger | undefined;
  /** For the timeouts of requests. @internal */
  readonly clock?: Clock | undefined;
  /** @internal */
  readonly observer?: InteractionServerObserver | undefined;
}

/** A running mock of Interaction Server that supports only ESP. */
export interface InteractionServer {
  readonly host: string;
  readonly port: number;
  isConnected(application: string): boolean;
  /** The local addresses of the connections to applications. */
  locals(): Address[];
  /** Answers pending requests with fault 920, and closes every connection. */
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const CONNECTIONS = 1000;

/**
 * Listens on 127.0.0.1, and connects to the applications. Resolves after one attempt for each; failed connections are
 * retried in the background. @throws the error of `listen`, such as EADDRINUSE
 */
export async function startInteractionServer(options: InteractionServerOptions): Promise<InteractionServer> {
  const {
    port = 0,
    deadlineMs = 15_000,
    thirdPartyServer = {},
    reconnectMs = 500,
    logger = createLogger({ level: 'warn', format: 'text' }),
    clock = realClock,
    observer = {},
  } = options;
  const { timeoutMs = deadlineMs, windowSize = Infinity, queueSize = Infinity } = thirdPartyServer;
  const links = options.applications.map((application) => {
    const window = new RequestWindow({ timeoutMs, windowSize, queueSize }, clock);
    return new ApplicationLink(application, window, reconnectMs, logger);
  });
  const relay = { router: new Router(links), deadlineMs, thirdPartyServer, logger, observer };
  const server = await EspServer.start({
    ...{ host: HOST, port, connections: CONNECTIONS, messageBytes: MESSAGE_BYTES, frameMs: FRAME_MS },
    connection: (socket) => new ClientConnection(socket, relay),
    log: (level, text, client) => logger[level](text, { client }),
  });
  logger.info('Interaction Server listens for ESP', { address: `${HOST}:${server.port}` });
  await Promise.all(links.map((link) => link.open()));
  return {
    host: HOST,
    port: server.port,
    isConnected: (name) => links.some((link) => link.name === name && link.connected),
    locals: () => links.flatMap(({ local }) => local ?? []),
    close: () => {
      for (const link of links) link.close();
      return server.close();
    },
  };
}
