import { type Charset, decodeBody, EspRequest, type Frame, MessageId, referenceIdOffset, WireError } from '#wire';
import { LIST_LIMITS } from '../limits.js';

/** A relayed connection. */
export interface RelayedConnection {
  /** In the order of arrival, from 1. */
  readonly id: number;
  /** The client's address, such as `127.0.0.1:50123`. */
  readonly client: string;
  /** The relay's address on the connection to the server, which the server sees as its client. */
  readonly local: string;
}

/** A relayed Request3rdServer. */
export interface Exchange {
  readonly connection: RelayedConnection;
  /** When the request was complete, in ms since 1970. */
  readonly at: number;
  readonly request: EspRequest;
  readonly frame: Frame;
}

/** The pending requests of one connection. */
export class Exchanges {
  readonly #pending = new Map<number, Exchange[]>();

  constructor(
    private readonly connection: RelayedConnection,
    private readonly charset: Charset,
  ) {}

  /** Adds a request. Undefined for other messages. @throws WireError if its lists are malformed */
  open(frame: Frame): Exchange | undefined {
    const message = decodeBody(frame.body, 0, frame.body.length, this.charset, LIST_LIMITS);
    if (message.messageId !== MessageId.Request3rdServer) return undefined;
    const request = new EspRequest(message);
    const exchange = { connection: this.connection, at: Date.now(), request, frame };
    const { referenceId } = request;
    if (referenceId !== undefined) this.#pending.set(referenceId, [...this.#under(referenceId), exchange]);
    return exchange;
  }

  /** Removes and returns the exchange that a message answers: the oldest one with its ReferenceId. */
  close({ body }: Frame): Exchange | undefined {
    const messageId = body.readInt32BE(1);
    if (messageId !== MessageId.Event3rdServerResponse && messageId !== MessageId.Event3rdServerFault) return undefined;
    const offset = referenceIdAt(body);
    if (offset === undefined) return undefined;
    const [first] = this.#under(body.readInt32BE(offset));
    if (first !== undefined) this.forget(first);
    return first;
  }

  /** Removes an exchange that gets no reply. */
  forget(exchange: Exchange): void {
    const { referenceId } = exchange.request;
    if (referenceId === undefined) return;
    const others = this.#under(referenceId).filter((one) => one !== exchange);
    if (others.length === 0) this.#pending.delete(referenceId);
    else this.#pending.set(referenceId, others);
  }

  forgetAll(): Exchange[] {
    const all = [...this.#pending.values()].flat();
    this.#pending.clear();
    return all;
  }

  #under(referenceId: number): Exchange[] {
    return this.#pending.get(referenceId) ?? [];
  }
}

function referenceIdAt(body: Buffer): number | undefined {
  try {
    return referenceIdOffset(body, 0, body.length);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
