import { type ConnectOptions, type EspRequestOptions, requestOf } from '../client/index.js';
import { type EspMessage, faultIn, type KeyValueEntry, KeyValueList, MessageId, messageName } from '../esp/index.js';
import { type Charset, encodeMessage } from '../wire/index.js';
import { DeviationError } from './errors.js';
import { Peer } from './peer.js';

export interface SubjectOptions extends ConnectOptions {
  readonly charset: Charset;
  /** How long to wait for anything from the server, in ms. */
  readonly timeoutMs: number;
  /** The request that the checks repeat. Its reply may be a fault. */
  readonly request: EspRequestOptions;
  /** A request that takes long. Without it, nothing is said about replies that overtake others. */
  readonly slowRequest?: EspRequestOptions | undefined;
}

/** The server under test, and the request to which it should always reply in the same way. */
export class Subject {
  /** The outcome of the first check's request. */
  expected: string | undefined;
  #referenceId = 0;

  constructor(readonly options: SubjectOptions) {}

  /** Uses a connection, and closes it. @throws DeviationError also if messages are left */
  async connected<T>(use: (peer: Peer) => Promise<T>): Promise<T> {
    const peer = await Peer.open(this.options);
    try {
      const result = await use(peer);
      peer.checkNothingLeft();
      return result;
    } finally {
      peer.close();
    }
  }

  /** A ReferenceId that no other request has. */
  nextId(): number {
    return ++this.#referenceId;
  }

  message(referenceId: number | undefined, change: Partial<EspRequestOptions> = {}): EspMessage {
    return { ...requestOf({ ...this.options.request, ...change }), referenceId };
  }

  bytes(message: EspMessage): Buffer {
    return encodeMessage(message, this.options.charset);
  }

  /** The bytes of the request. */
  request(referenceId: number | undefined, change?: Partial<EspRequestOptions>): Buffer {
    return this.bytes(this.message(referenceId, change));
  }

  /** The parameters of the request, and one more. */
  with(entry: KeyValueEntry): Pick<EspRequestOptions, 'parameters'> {
    const own = KeyValueList.from(this.options.request.parameters ?? {});
    return { parameters: new KeyValueList([...own.entries, entry]) };
  }

  /** Sends the request, and checks that it is replied to as ever. */
  async ask(peer: Peer, change?: Partial<EspRequestOptions>, what = 'a request'): Promise<EspMessage> {
    const id = this.nextId();
    peer.write(this.request(id, change));
    return this.same(await peer.reply(id, what), what);
  }

  /** @throws DeviationError if the outcome of the reply is not that of the first check's request */
  same(reply: EspMessage, what: string): EspMessage {
    const outcome = outcomeOf(reply);
    if (this.expected !== undefined && outcome !== this.expected) {
      throw new DeviationError(`replied to ${what} with ${outcome}, and to the plain request with ${this.expected}`);
    }
    return reply;
  }
}

/** `response`, or `fault CODE`. @throws DeviationError if it is no reply */
export function outcomeOf(reply: EspMessage): string {
  if (reply.messageId === MessageId.Event3rdServerResponse) return 'a response';
  if (reply.messageId === MessageId.Event3rdServerFault) return `fault ${faultIn(reply).code}`;
  throw new DeviationError(`replied with ${messageName(reply.messageId)}`);
}
