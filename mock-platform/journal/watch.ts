import { addressText } from '../configuration/index.js';
import type { ClientRequest, InteractionServerObserver } from '../interaction-server/index.js';
import type { Exchange, RelayObserver } from '../relay/index.js';
import type { StubExchange } from '../stubs/index.js';
import { type Journal, journalKey } from './journal.js';

/** The name in the journal of the server that routes requests. */
export const INTERACTION_SERVER = 'Interaction Server';
const NO_REFERENCE_ID = 'the request has no ReferenceId';

/** Records exchanges of the relay and Interaction Server in the journal, each exchange once. */
export class JournalWatch {
  /** Clients of Interaction Server, by the key of the relayed request. */
  readonly #aliases = new Map<string, string>();
  readonly #relayEntries = new WeakMap<Exchange, number>();
  readonly #interactionServerEntries = new WeakMap<ClientRequest, number>();

  constructor(private readonly journal: Journal) {}

  /** The id of the entry of a relayed exchange. */
  entryOf(exchange: Exchange): number | undefined {
    return this.#relayEntries.get(exchange);
  }

  /** @param application the server behind the relay */
  relay(application: string): RelayObserver {
    const { journal } = this;
    const id = (exchange: Exchange): number => this.#relayEntries.get(exchange) ?? 0;
    return {
      request: (exchange) => {
        const { connection, request, frame } = exchange;
        const client = this.#aliases.get(journalKey(connection.client, request.referenceId));
        const key = journalKey(connection.local, request.referenceId);
        const from = client === undefined ? { client: connection.client } : { client, via: INTERACTION_SERVER };
        this.#relayEntries.set(exchange, journal.begin({ ...from, application, request, frame: frame.bytes, key }));
      },
      answered: (exchange, bytes) => journal.answer(id(exchange), bytes),
      unanswered: (exchange, how, why) => journal.end(id(exchange), how, why),
    };
  }

  /** Records which stub answered, or why none matched. */
  readonly stub = ({ client, request, stub, unmatched }: StubExchange): void => {
    const name = stub === undefined ? {} : { stub: stub.definition.name ?? stub.id };
    const explanation = unmatched === undefined ? {} : { explanation: unmatched };
    this.journal.markOf(client, request.referenceId, { ...name, ...explanation });
  };

  /** @param isRelayed whether an application has a relay, which records its exchanges */
  interactionServer(isRelayed: (application: string) => boolean): InteractionServerObserver {
    const { journal } = this;
    const entries = this.#interactionServerEntries;
    const keys = new WeakMap<ClientRequest, string>();
    const finish = (request: ClientRequest): number | undefined => {
      this.#aliases.delete(keys.get(request) ?? '');
      return entries.get(request);
    };
    return {
      relayed: (request, application, under) => {
        if (!isRelayed(application)) {
          const id = journal.begin(beginning(request, application));
          entries.set(request, id);
          if (under === undefined) journal.end(id, 'none', NO_REFERENCE_ID);
        } else if (under !== undefined) {
          const key = journalKey(addressText(under.local), under.referenceId);
          keys.set(request, key);
          this.#aliases.set(key, request.client);
        }
      },
      answered: (request, answer) => {
        const id = finish(request);
        if (id !== undefined) journal.answer(id, answer);
      },
      faulted: (request, fault) => {
        const id = finish(request) ?? journal.begin(beginning(request, INTERACTION_SERVER));
        if (fault === undefined) journal.end(id, 'none', NO_REFERENCE_ID);
        else journal.answer(id, fault, INTERACTION_SERVER);
      },
      abandoned: (request) => {
        const id = finish(request);
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
