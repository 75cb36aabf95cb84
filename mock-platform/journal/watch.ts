import { addressText } from '../configuration/index.js';
import type { ClientRequest, InteractionServerObserver } from '../interaction-server/index.js';
import type { Exchange, RelayObserver } from '../relay/index.js';
import type { StubExchange } from '../stubs/index.js';
import { type Journal, journalKey } from './journal.js';

const INTERACTION_SERVER = 'Interaction Server';
const NO_REFERENCE_ID = 'it has no ReferenceId';

/** Writes what the relay and Interaction Server see into the journal: each exchange once. */
export class JournalWatch {
  /** Clients of Interaction Server, by the key of what it relays their requests under. */
  readonly #aliases = new Map<string, string>();
  readonly #ofRelay = new WeakMap<Exchange, number>();
  readonly #ofInteractionServer = new WeakMap<ClientRequest, number>();

  constructor(private readonly journal: Journal) {}

  /** The entry of an exchange that came through the relay. */
  entryOf(exchange: Exchange): number | undefined {
    return this.#ofRelay.get(exchange);
  }

  /** @param application what is behind the relay */
  relay(application: string): RelayObserver {
    const { journal } = this;
    const id = (exchange: Exchange): number => this.#ofRelay.get(exchange) ?? 0;
    return {
      request: (exchange) => {
        const { connection, request, frame } = exchange;
        const client = this.#aliases.get(journalKey(connection.client, request.referenceId));
        const key = journalKey(connection.local, request.referenceId);
        const from = client === undefined ? { client: connection.client } : { client, via: INTERACTION_SERVER };
        this.#ofRelay.set(exchange, journal.begin({ ...from, application, request, frame: frame.bytes, key }));
      },
      answered: (exchange, bytes) => journal.answer(id(exchange), bytes),
      unanswered: (exchange, how, why) => journal.end(id(exchange), how, why),
    };
  }

  /** Which stub answered, or why none did. */
  readonly stub = ({ client, request, stub, unmatched }: StubExchange): void => {
    const name = stub === undefined ? {} : { stub: stub.definition.name ?? stub.id };
    const explanation = unmatched === undefined ? {} : { explanation: unmatched };
    this.journal.markOf(client, request.referenceId, { ...name, ...explanation });
  };

  /** @param isRelayed whether an application is behind the relay, which then sees its exchanges itself */
  interactionServer(isRelayed: (application: string) => boolean): InteractionServerObserver {
    const { journal } = this;
    const begun = this.#ofInteractionServer;
    const keys = new WeakMap<ClientRequest, string>();
    const over = (asked: ClientRequest): number | undefined => {
      this.#aliases.delete(keys.get(asked) ?? '');
      return begun.get(asked);
    };
    return {
      relayed: (asked, application, under) => {
        if (!isRelayed(application)) {
          const id = journal.begin(beginning(asked, application));
          begun.set(asked, id);
          if (under === undefined) journal.end(id, 'none', NO_REFERENCE_ID);
        } else if (under !== undefined) {
          const key = journalKey(addressText(under.local), under.referenceId);
          keys.set(asked, key);
          this.#aliases.set(key, asked.client);
        }
      },
      answered: (asked, answer) => {
        const id = over(asked);
        if (id !== undefined) journal.answer(id, answer);
      },
      faulted: (asked, fault) => {
        const id = over(asked) ?? journal.begin(beginning(asked, INTERACTION_SERVER));
        if (fault === undefined) journal.end(id, 'none', NO_REFERENCE_ID);
        else journal.answer(id, fault, INTERACTION_SERVER);
      },
      abandoned: (asked) => {
        const id = over(asked);
        if (id !== undefined) journal.end(id, 'lost', 'the client closed the connection');
      },
    };
  }
}

const beginning = ({ client, request, frame }: ClientRequest, application: string) => ({
  client,
  application,
  request,
  frame,
  key: journalKey(client, request.referenceId),
});
