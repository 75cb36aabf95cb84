import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { RootLogger } from '../../telemetry/index.js';
import { Connection, MOST_AHEAD } from './connection.js';

/** How long no request must have been open for a draining adapter to close its connections, in ms. */
const QUIET_MS = 100;

/** The clients of an adapter: knows what they wait for, and when they wait for nothing any more. */
export class Connections {
  readonly #known = new WeakMap<Socket, Connection>();
  #open = 0;
  #draining = false;
  #quiet: (() => void) | undefined;
  #quietTimer: NodeJS.Timeout | undefined;

  constructor(private readonly logger: RootLogger) {}

  /** Whether each connection ends with its next reply. */
  get draining(): boolean {
    return this.#draining;
  }

  of(socket: Socket): Connection {
    const known = this.#known.get(socket);
    if (known !== undefined) return known;
    const connection = new Connection(socket, () => this.#ended());
    this.#known.set(socket, connection);
    return connection;
  }

  /** Counts each request before `handler` has it; who sends too many ahead of their replies is closed. */
  counting(handler: RequestListener): RequestListener {
    return (request: IncomingMessage, response: ServerResponse) => {
      const { socket } = request;
      const connection = this.of(socket);
      if (!connection.full) {
        this.#open++;
        clearTimeout(this.#quietTimer);
        connection.begin(response);
        handler(request, response);
      } else if (!socket.destroyed) {
        const why = `over ${MOST_AHEAD} requests were sent ahead of their replies`;
        this.logger.warn(`HTTP connection closed: ${why}`, { client: connection.peer });
        socket.destroy();
      }
    };
  }

  /** From now on connections end with their replies. Resolves when none is due and nothing comes any more. */
  drained(withinMs: number): Promise<void> {
    this.#draining = true;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#quiet?.(), withinMs);
      this.#quiet = () => {
        clearTimeout(timer);
        clearTimeout(this.#quietTimer);
        resolve();
      };
      this.#watchQuiet();
    });
  }

  #ended(): void {
    this.#open--;
    if (this.#draining) this.#watchQuiet();
  }

  #watchQuiet(): void {
    clearTimeout(this.#quietTimer);
    if (this.#open === 0) this.#quietTimer = setTimeout(() => this.#quiet?.(), QUIET_MS);
  }
}
