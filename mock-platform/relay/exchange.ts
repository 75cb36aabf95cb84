import {
  type Charset,
  decodeBody,
  EspRequest,
  type Frame,
  MessageId,
  referenceIdOffset,
  WireError,
} from 'esp-host/wire';
import { LIST_LIMITS } from '../limits.js';

/** A connection through the relay. */
export interface RelayedConnection {
  /** From 1, in the order in which they came. */
  readonly id: number;
  /** The client's address, for instance `127.0.0.1:50123`. */
  readonly client: string;
  /** The relay's own address towards the server: who the client is, in the server's eyes. */
  readonly local: string;
}

/** A Request3rdServer that came through the relay, and what becomes of it. */
export interface Exchange {
  readonly connection: RelayedConnection;
  /** When the request was whole, in ms since 1970. */
  readonly at: number;
  readonly request: EspRequest;
  readonly frame: Frame;
}

/** The requests of one connection that wait for their replies. */
export class Exchanges {
  readonly #waiting = new Map<number, Exchange[]>();

  constructor(
    private readonly connection: RelayedConnection,
    private readonly charset: Charset,
  ) {}

  /** Undefined for a message that is no request. @throws WireError where its lists break the format */
  open(frame: Frame): Exchange | undefined {
    const message = decodeBody(frame.body, 0, frame.body.length, this.charset, LIST_LIMITS);
    if (message.messageId !== MessageId.Request3rdServer) return undefined;
    const request = new EspRequest(message);
    const exchange = { connection: this.connection, at: Date.now(), request, frame };
    const { referenceId } = request;
    if (referenceId !== undefined) this.#waiting.set(referenceId, [...this.#under(referenceId), exchange]);
    return exchange;
  }

  /** The exchange that a message of the server answers; a ReferenceId that is used twice is answered twice. */
  close({ body }: Frame): Exchange | undefined {
    const messageId = body.readInt32BE(1);
    if (messageId !== MessageId.Event3rdServerResponse && messageId !== MessageId.Event3rdServerFault) return undefined;
    const offset = referenceIdAt(body);
    if (offset === undefined) return undefined;
    const [first] = this.#under(body.readInt32BE(offset));
    if (first !== undefined) this.forget(first);
    return first;
  }

  /** It will not be answered. */
  forget(exchange: Exchange): void {
    const { referenceId } = exchange.request;
    if (referenceId === undefined) return;
    const left = this.#under(referenceId).filter((one) => one !== exchange);
    if (left.length === 0) this.#waiting.delete(referenceId);
    else this.#waiting.set(referenceId, left);
  }

  forgetAll(): Exchange[] {
    const all = [...this.#waiting.values()].flat();
    this.#waiting.clear();
    return all;
  }

  #under(referenceId: number): Exchange[] {
    return this.#waiting.get(referenceId) ?? [];
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
