import { Addp, decodeInit } from '#wire';
import type { ClientState, InteractionServerObserver } from '../interaction-server/index.js';
import type { Direction, Frame, RelayedConnection, RelayObserver } from '../relay/index.js';

/** The current state of an ESP client connection. */
export interface Connection {
  readonly id: number;
  /** The client's address. */
  readonly peer: string;
  /** `host`, `interaction-server`, or the name of a stubbed application. */
  readonly to: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** The ADDP timeout that the client requested, 0 for no polling; null if it requested no ADDP. */
  readonly addp: { readonly timeoutMs: number } | null;
  /** Messages from the client. */
  readonly messagesIn: number;
  /** Messages to the client. */
  readonly messagesOut: number;
}

type Figures = Pick<Connection, 'addp' | 'messagesIn' | 'messagesOut'>;

interface Open extends Omit<Connection, keyof Figures> {
  readonly figures: () => Figures;
}

/** The open connections of ESP clients. */
export class Connections {
  readonly #open = new Map<RelayedConnection | ClientState, Open>();
  readonly #listeners = new Set<() => void>();
  #last = 0;

  /** Calls `listener` when a connection opens or closes. @returns a function that unsubscribes */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** In the order in which they opened. */
  list(): Connection[] {
    return [...this.#open.values()].map(({ figures, ...rest }) => ({ ...rest, ...figures() }));
  }

  relay(to: string): RelayObserver {
    const counts = new WeakMap<RelayedConnection, RelayFigures>();
    return {
      opened: (connection) => {
        const figures = new RelayFigures();
        counts.set(connection, figures);
        this.#opened(connection, to, () => figures.current());
      },
      frame: (connection, direction, frame) => counts.get(connection)?.count(direction, frame),
      closed: (connection) => this.#closed(connection),
    };
  }

  interactionServer(): InteractionServerObserver {
    return {
      opened: (client) => {
        this.#opened(client, 'interaction-server', () => {
          const { messagesIn, messagesOut, addpTimeoutMs } = client;
          return { messagesIn, messagesOut, addp: addpTimeoutMs === undefined ? null : { timeoutMs: addpTimeoutMs } };
        });
      },
      closed: (client) => this.#closed(client),
    };
  }

  #opened(connection: RelayedConnection | ClientState, to: string, figures: () => Figures): void {
    const since = Date.now();
    this.#open.set(connection, { id: ++this.#last, peer: connection.client, to, since, figures });
    this.#notify();
  }

  #closed(connection: RelayedConnection | ClientState): void {
    if (this.#open.delete(connection)) this.#notify();
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** Counts the messages of a relayed connection. */
class RelayFigures {
  #addp: { timeoutMs: number } | null = null;
  #in = 0;
  #out = 0;

  count(direction: Direction, { kind, bytes }: Frame): void {
    if (kind === 'message') {
      if (direction === 'toServer') this.#in++;
      else this.#out++;
    } else if (direction === 'toServer' && bytes[2] === Addp.Init) {
      this.#addp = { timeoutMs: decodeInit(bytes.readUIntBE(3, 3)).timeoutMs };
    }
  }

  current(): Figures {
    return { addp: this.#addp, messagesIn: this.#in, messagesOut: this.#out };
  }
}
