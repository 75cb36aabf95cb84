import { CodedError, type ErrorTable } from '../esp/index.js';

/** Errors of the server. */
export const SERVER_ERRORS = {
  ESP_SERVER_LISTEN_FAILED: 'A listener could not be opened. `address` and `key` say which; `cause` says why.',
  ESP_SERVER_STOPPING: 'The server is stopping: it starts no plugins and does not reload.',
} as const satisfies ErrorTable;

type ServerErrorCode = keyof typeof SERVER_ERRORS;

/** The base of the server's errors. */
export abstract class ServerError extends CodedError<ServerErrorCode> {}

/** A listener could not be opened. The message says where and what to do. */
export class ListenError extends ServerError {
  override readonly name = 'ListenError';
  constructor(
    error: NodeJS.ErrnoException,
    readonly address: { readonly host: string; readonly port: number },
    /** The listener in config.yaml. */
    readonly key: 'listeners.esp' | 'listeners.http' | 'listeners.webhooks' | 'listeners.metrics',
  ) {
    const why: Record<string, string> = {
      EADDRINUSE: `another program listens there; stop it, or choose another port in ${key}.port`,
      EACCES: 'this user may not listen there; choose a port above 1023',
      EADDRNOTAVAIL: `this machine has no such address; see ${key}.host`,
      ENOTFOUND: `there is no such host name; see ${key}.host`,
    };
    const where = `${address.host}:${address.port}`;
    const message = `cannot listen on ${where}: ${why[error.code ?? ''] ?? error.message}`;
    super('ESP_SERVER_LISTEN_FAILED', message, { cause: error });
  }

  /** Whether another socket listens there. */
  get isInUse(): boolean {
    return (this.cause as NodeJS.ErrnoException).code === 'EADDRINUSE';
  }
}

/** The server is stopping. */
export class ServerStoppingError extends ServerError {
  override readonly name = 'ServerStoppingError';
  constructor() {
    super('ESP_SERVER_STOPPING', 'the host is stopping');
  }
}
