import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { RootLogger } from '../../telemetry/index.js';
import { Connection, MOST_AHEAD } from './connection.js';

/** The clients of an adapter. */
export class Connections {
  readonly #known = new WeakMap<Socket, Connection>();
  /** Whether each connection ends with its next reply. */
  draining = false;

  constructor(private readonly logger: RootLogger) {}

  of(socket: Socket): Connection {
    const known = this.#known.get(socket);
    if (known !== undefined) return known;
    const connection = new Connection(socket);
    this.#known.set(socket, connection);
    return connection;
  }

  /** Notes each request before `handler` has it; a client that sends too many ahead of their replies is closed. */
  noting(handler: RequestListener): RequestListener {
    return (request: IncomingMessage, response: ServerResponse) => {
      const { socket } = request;
      const connection = this.of(socket);
      if (connection.over) return;
      if (!connection.full) {
        connection.begin(response);
        handler(request, response);
      } else if (!socket.destroyed) {
        const why = `over ${MOST_AHEAD} requests were sent ahead of their replies`;
        this.logger.warn(`HTTP connection closed: ${why}`, { client: connection.peer });
        socket.destroy();
      }
    };
  }
}
