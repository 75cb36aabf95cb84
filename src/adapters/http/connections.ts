import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { RationedLog } from '../../telemetry/index.js';
import type { BufferBudget } from '../../transport/index.js';
import { Connection, MOST_AHEAD } from './connection.js';

/** The clients of an adapter. */
export class Connections {
  readonly #known = new WeakMap<Socket, Connection>();
  /** Whether each connection ends with its next reply. */
  draining = false;

  constructor(
    private readonly log: RationedLog,
    private readonly budget: BufferBudget,
  ) {}

  of(socket: Socket): Connection {
    const known = this.#known.get(socket);
    if (known !== undefined) return known;
    const connection = new Connection(socket, this.budget, ({ peer }, held) =>
      this.#closes('HTTP buffers full', peer, usesMost(held)),
    );
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
        this.#closes('HTTP ahead', connection.peer, `over ${MOST_AHEAD} requests were sent ahead of their replies`);
        socket.destroy();
      }
    };
  }

  #closes(kind: string, peer: string, why: string): void {
    this.log.ofConnection('warn', kind, peer, `HTTP connection closed: ${why}`);
  }
}

const usesMost = (bytes: number): string =>
  `limits.bufferedBytes is reached, and this client uses the most: ${bytes} bytes of incomplete bodies and unread replies`;
