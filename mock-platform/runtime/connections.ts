import { Addp, decodeInit } from 'esp-host/wire';
import type { ClientState, InteractionServerObserver } from '../interaction-server/index.js';
import type { Direction, Frame, RelayedConnection, RelayObserver } from '../relay/index.js';

/** A connection of an ESP client with the platform, as it is now. */
export interface Connection {
  readonly id: number;
  /** The client's address. */
  readonly peer: string;
  /** `host`, `interaction-server`, or the name of an application that is made from stubs. */
  readonly to: string;
  /** In ms since 1970. */
  readonly since: number;
  /** The timeout that the client's ADDP asked for, 0 where nobody is to poll; null: it asked for none. */
  readonly addp: { readonly timeoutMs: number } | null;
  /** Of the client, and to it. */
  readonly messagesIn: number;
  readonly messagesOut: number;
}

type Figures = Pick<Connection, 'addp' | 'messagesIn' | 'messagesOut'>;

interface Open extends Omit<Connection, keyof Figures> {
  readonly figures: () => Figures;
}

/** The connections that are open. */
export class Connections {
  readonly #open = new Map<RelayedConnection | ClientState, Open>();
  readonly #listeners = new Set<() => void>();
  #last = 0;

  /** Tells of each that comes or goes. @returns what ends that */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** In the order in which they came. */
  list(): Connection[] {
    return [...this.#open.values()].map(({ figures, ...rest }) => ({ ...rest, ...figures() }));
  }

  relay(to: string): RelayObserver {
    const counts = new WeakMap<RelayedConnection, RelayFigures>();
    return {
      opened: (connection) => {
        const figures = new RelayFigures();
        counts.set(connection, figures);
        this.#opened(connection, to, () => figures.now());
      },
      frame: (connection, direction, frame) => counts.get(connection)?.take(direction, frame),
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
    this.#tell();
  }

  #closed(connection: RelayedConnection | ClientState): void {
    if (this.#open.delete(connection)) this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** What passed over a relayed connection. */
class RelayFigures {
  #addp: { timeoutMs: number } | null = null;
  #in = 0;
  #out = 0;

  take(direction: Direction, { kind, bytes }: Frame): void {
    if (kind === 'message') {
      if (direction === 'toServer') this.#in++;
      else this.#out++;
    } else if (direction === 'toServer' && bytes[2] === Addp.Init) {
      this.#addp = { timeoutMs: decodeInit(bytes.readUIntBE(3, 3)).timeoutMs };
    }
  }

  now(): Figures {
    return { addp: this.#addp, messagesIn: this.#in, messagesOut: this.#out };
  }
}
