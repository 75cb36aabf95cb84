import type { Logger } from 'esp-host';
import { createLogger } from '#server';
import { type Charset, charset, EspServer } from '#wire';
import { StubConnection, type StubExchange } from './connection.js';
import type { StubSet } from './stub-set.js';

/** Options of {@link startStubServer}. */
export interface StubServerOptions {
  readonly stubs: StubSet;
  /** @default '127.0.0.1' */
  readonly host?: string | undefined;
  /** @default 0, any free port */
  readonly port?: number | undefined;
  /** Charset of type 0 strings and keys. @default 'utf-8' */
  readonly charset?: string | undefined;
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

const CONNECTIONS = 1000;
/** The limits of a host without settings of its own. */
const LIMITS = { messageBytes: 16 << 20, frameMs: 10_000 };
const LISTS = { listDepth: 128, listEntries: 100_000 };
/** Maximum number of answers that wait for their time. */
const DELAYED = 10_000;

/** Starts a stub server. @throws the error of `listen`, such as EADDRINUSE */
export const startStubServer = ({ charset: name, ...options }: StubServerOptions): Promise<StubServer> =>
  startStubs({ ...options, charset: charset(name) });

/** Starts a stub server with a charset that may change. */
export async function startStubs(
  options: Omit<StubServerOptions, 'charset'> & { readonly charset: Charset },
): Promise<StubServer> {
  const { stubs, host = '127.0.0.1', port = 0, answered = () => undefined } = options;
  const logger = options.logger ?? createLogger({ level: 'warn', format: 'text' });
  const { name } = stubs.application;
  const delayed = { count: 0, max: DELAYED };
  const server = await EspServer.start({
    ...{ ...LIMITS, host, port, connections: CONNECTIONS },
    connection: (socket) =>
      new StubConnection(socket, { stubs, logger, answered, charset: options.charset, lists: LISTS, delayed }),
    log: (level, text, client) => logger[level](text, { application: name, client }),
  });
  logger.info(`${name} listens for ESP and answers from stubs`, { address: `${host}:${server.port}` });
  return { host, port: server.port, stubs, close: () => server.close() };
}
