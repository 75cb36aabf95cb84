import type { ServerResponse } from 'node:http';
import type { EspRequest } from '../../esp/index.js';
import type { Dispatcher, Reply } from '../../host/index.js';
import type { Connections } from './connections.js';
import { type Answer, faultAnswer, responseAnswer } from './write-reply.js';

/** One HTTP request that calls a method. */
export interface Call {
  readonly request: EspRequest;
  /** What it takes of memory, about. */
  readonly bytes: number;
  readonly response: ServerResponse;
  /** Whether the answer is wanted in the typed form. */
  readonly typed: boolean;
  /** Most bytes of a response. */
  readonly most: number;
}

/** Takes HTTP calls to a dispatcher. Each connection is a client of the host. */
export class Calls {
  constructor(
    private readonly connections: Connections,
    /** The ReferenceId of the last call. */
    private lastId = 0,
  ) {}

  /** HTTP has no ReferenceId: each call gets one, by which the log's lines of it are found. */
  nextReferenceId(): number {
    this.lastId = this.lastId === 0x7fffffff ? 1 : this.lastId + 1;
    return this.lastId;
  }

  /** Has the request answered, at once or later, unless its client goes before. */
  call(dispatcher: Dispatcher, { request, bytes, response, typed, most }: Call, send: (answer: Answer) => void): void {
    const connection = this.connections.of(response.req.socket);
    const reply: Reply = (message, fault) => {
      if (fault === undefined) message.checkSize(most);
      send(fault === undefined ? responseAnswer(message, typed) : faultAnswer(fault));
    };
    if (!connection.fits(bytes)) {
      dispatcher.overloaded(request, connection, reply);
      return;
    }
    const waiting = dispatcher.dispatch(request, connection, reply);
    if (waiting === undefined) return;
    connection.waits(response.req, bytes, {
      abandon: () => dispatcher.abandon(waiting),
      turnAway: () => waiting.stop(),
    });
  }
}
