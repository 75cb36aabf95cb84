import type { Logger } from 'esp-host';
import { createLogger } from '#server';
import { EspServer } from '#wire';
import { StubConnection, type StubExchange } from './connection.js';
import type { StubSet } from './stub-set.js';

/** Options of {@link startStubServer}. */
export interface StubServerOptions {
  readonly stubs: StubSet;
  /** @default 0, any free port */
  readonly port?: number | undefined;
  /** @default warnings go to stderr */
  readonly logger?: Logger | undefined;
  /** Called for each request after its answer. @default none */
  readonly answered?: ((exchange: StubExchange) => void) | undefined;
}

/** A running ESP server that answers from stubs. */
export interface StubServer {
  readonly host: string;
  readonly port: number;
  readonly stubs: StubSet;
  /** Drops delayed answers and closes all connections. */
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const CONNECTIONS = 1000;
const LIMITS = { messageBytes: 16 << 20, frameMs: 10_000 };

/** Starts a stub server on 127.0.0.1. @throws the error of `listen`, such as EADDRINUSE */
export async function startStubServer(options: StubServerOptions): Promise<StubServer> {
  const { stubs, port = 0, answered = () => undefined } = options;
  const logger = options.logger ?? createLogger({ level: 'warn', format: 'text' });
  const { name } = stubs.application;
  const server = await EspServer.start({
    ...{ ...LIMITS, host: HOST, port, connections: CONNECTIONS },
    connection: (socket) => new StubConnection(socket, { stubs, logger, answered }),
    log: (level, text, client) => logger[level](text, { application: name, client }),
  });
  logger.info(`${name} listens for ESP and answers from stubs`, { address: `${HOST}:${server.port}` });
  return { host: HOST, port: server.port, stubs, close: () => server.close() };
}
