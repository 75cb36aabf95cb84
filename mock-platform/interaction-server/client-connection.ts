import type { Socket } from 'node:net';
import type { Logger } from 'esp-host';
import {
  ConnectionProblem,
  charset,
  decodeBody,
  EspFault,
  EspRequest,
  EspSocket,
  encodeMessage,
  faults,
  faultTo,
  frame,
  MessageId,
  messageName,
  WireError,
} from 'esp-host/wire';
import { FRAME_MS, LIST_LIMITS, MESSAGE_BYTES } from '../limits.js';
import type { ApplicationLink } from './application-link.js';
import type { ClientRequest, ClientState, InteractionServerObserver } from './observer.js';
import type { Router } from './router.js';

export interface RelayOptions {
  readonly router: Router<ApplicationLink>;
  /** How long an application may take to answer. */
  readonly deadlineMs: number;
  readonly logger: Logger;
  readonly observer: InteractionServerObserver;
}

/** Interaction Server's own application type, for the faults that it makes itself. */
const INTERACTION_SERVER = 111;

/** Enough to find the target's name in: what the charset can't read stays bytes, and all of it is passed on as it is. */
const UTF_8 = charset();

/** One ESP client, such as a strategy: its requests go to the applications that they name, and the replies back. */
export class ClientConnection implements ClientState {
  readonly #socket: EspSocket;
  /** For each request that is under way, what ends its wait when the client goes. */
  readonly #waiting = new Set<() => void>();

  constructor(
    socket: Socket,
    private readonly options: RelayOptions,
    private readonly closed: (connection: ClientConnection) => void,
  ) {
    this.#socket = new EspSocket(
      socket,
      { messageBytes: MESSAGE_BYTES, frameMs: FRAME_MS },
      {
        body: (bytes, start, end) => this.#body(bytes.subarray(start, end)),
        closed: (problem) => this.#closed(problem),
        trace: (text) => this.#log('info', text),
      },
    );
    options.observer.opened?.(this);
  }

  get client(): string {
    return this.#socket.peer;
  }

  get messagesIn(): number {
    return this.#socket.counts.messagesIn;
  }

  get messagesOut(): number {
    return this.#socket.counts.messagesOut;
  }

  get addpTimeoutMs(): number | undefined {
    return this.#socket.addp.askedMs;
  }

  /** Ends the connection when what was written has gone out. */
  close(): void {
    this.#socket.end();
  }

  /** Breaks the connection off. */
  destroy(): void {
    this.#socket.socket.destroy();
  }

  #body(body: Buffer): void {
    const message = decodeBody(body, 0, body.length, UTF_8, LIST_LIMITS);
    if (message.messageId !== MessageId.Request3rdServer) {
      this.#log('warn', `${messageName(message.messageId)} was sent to Interaction Server and is ignored`);
      return;
    }
    const request = new EspRequest(message);
    const asked = { client: this.#socket.peer, request, frame: frame(body) };
    try {
      const application = this.options.router.route(request);
      if (request.referenceId === undefined) this.#pass(asked, body, application);
      else this.#relay(asked, body, application);
    } catch (error) {
      if (!(error instanceof EspFault)) throw error;
      this.#fault(asked, error);
    }
  }

  /** Nobody can be told the answer. */
  #pass(asked: ClientRequest, body: Buffer, application: ApplicationLink): void {
    this.#log(
      'warn',
      `${asked.request.name} came without ReferenceId: ${application.name} gets it, and no answer comes back`,
    );
    application.ask(body, { answered: () => undefined, lost: () => undefined });
    this.options.observer.relayed?.(asked, application.name, undefined);
  }

  #relay(asked: ClientRequest, body: Buffer, application: ApplicationLink): void {
    const { deadlineMs, observer } = this.options;
    const { name } = asked.request;
    const timer = setTimeout(() => {
      end();
      this.#fault(asked, faults.deadlinePassed(application.name, name, deadlineMs));
    }, deadlineMs);
    const { under, forget } = application.ask(body, {
      answered: (reply) => {
        end();
        const answer = frame(reply);
        this.#socket.writeMessage(answer);
        observer.answered?.(asked, answer);
      },
      lost: (error) => {
        end();
        this.#fault(asked, faults.upstreamFailed(application.name, name, 'connection lost', error));
      },
    });
    const end = (): void => {
      clearTimeout(timer);
      forget();
      this.#waiting.delete(abandon);
    };
    const abandon = (): void => {
      end();
      observer.abandoned?.(asked);
    };
    this.#waiting.add(abandon);
    observer.relayed?.(asked, application.name, under);
  }

  #fault(asked: ClientRequest, fault: EspFault): void {
    const { request } = asked;
    const { referenceId } = request;
    const answer =
      referenceId === undefined ? undefined : encodeMessage(faultTo(request, INTERACTION_SERVER, fault), UTF_8);
    this.options.observer.faulted?.(asked, answer);
    const why = fault.cause instanceof Error ? `: ${fault.cause.message}` : '';
    this.#log('warn', `${fault.message}${why}`, { referenceId, code: fault.code });
    if (answer !== undefined) this.#socket.writeMessage(answer);
  }

  #closed(problem: Error | undefined): void {
    for (const abandon of this.#waiting) abandon();
    if (problem !== undefined) {
      const bad = problem instanceof WireError || problem instanceof ConnectionProblem;
      this.#log(bad ? 'warn' : 'info', `connection closed: ${this.#socket.describe(problem)}`);
    }
    this.options.observer.closed?.(this);
    this.closed(this);
  }

  #log(level: 'info' | 'warn', text: string, fields: Record<string, unknown> = {}): void {
    this.options.logger[level](text, { ...fields, client: this.#socket.peer });
  }
}
