import type { ServerResponse } from 'node:http';
import { EspFault, type EspMessage, type EspRequest, faultOf } from '../../esp/index.js';
import type { Client, Dispatcher } from '../../host/index.js';
import type { Connections } from './connections.js';
import { type Answer, faultAnswer, responseAnswer } from './write-reply.js';

/** Takes HTTP calls to the dispatcher. Each connection is a client of the host. */
export class Calls {
  #lastId = 0;

  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly connections: Connections,
  ) {}

  /** HTTP has no ReferenceId: each call gets one, by which the log's lines of it are found. */
  nextReferenceId(): number {
    this.#lastId = this.#lastId === 0x7fffffff ? 1 : this.#lastId + 1;
    return this.#lastId;
  }

  /** Has the request answered, at once or later, unless its client goes before. */
  call(request: EspRequest, response: ServerResponse, typed: boolean, send: (answer: Answer) => void): void {
    const connection = this.connections.of(response.req.socket);
    const waiting = this.dispatcher.dispatch(request, connection, (message, fault) => {
      send(this.#answer(request, connection, message, fault, typed));
    });
    if (waiting !== undefined) connection.waits(response, waiting);
  }

  /** Never throws: the dispatcher has given its one reply. */
  #answer(
    request: EspRequest,
    client: Client,
    message: EspMessage,
    fault: EspFault | undefined,
    typed: boolean,
  ): Answer {
    if (fault !== undefined) return faultAnswer(fault);
    try {
      return responseAnswer(message, typed);
    } catch (error) {
      const { code, text } = faultOf(this.dispatcher.unexpected(request, client, error));
      return faultAnswer(new EspFault(code, text));
    }
  }
}
