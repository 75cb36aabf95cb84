import type { Logger } from 'esp-host';
import {
  charset,
  decodeBody,
  EspFault,
  EspRequest,
  type EspServerConnection,
  type EspSocket,
  encodeMessage,
  faults,
  faultTo,
  frame,
  MessageId,
  messageName,
} from 'esp-host/wire';
import { LIST_LIMITS } from '../limits.js';
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
export class ClientConnection implements EspServerConnection, ClientState {
  /** For each request that is under way, what ends its wait when the client goes. */
  readonly #waiting = new Set<() => void>();

  constructor(
    private readonly socket: EspSocket,
    private readonly options: RelayOptions,
  ) {
    options.observer.opened?.(this);
  }

  get client(): string {
    return this.socket.peer;
  }

  get messagesIn(): number {
    return this.socket.counts.messagesIn;
  }

  get messagesOut(): number {
    return this.socket.counts.messagesOut;
  }

  get addpTimeoutMs(): number | undefined {
    return this.socket.addp.requestedMs;
  }

  body(bytes: Buffer, start: number, end: number): void {
    const body = bytes.subarray(start, end);
    const message = decodeBody(body, 0, body.length, UTF_8, LIST_LIMITS);
    if (message.messageId !== MessageId.Request3rdServer) {
      this.#warn(`${messageName(message.messageId)} was sent to Interaction Server and is ignored`);
      return;
    }
    const request = new EspRequest(message);
    const asked = { client: this.socket.peer, request, frame: frame(body) };
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
    this.#warn(`${asked.request.name} came without ReferenceId: ${application.name} gets it, and no answer comes back`);
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
        this.socket.writeMessage(answer);
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
    this.#warn(`${fault.message}${why}`, { referenceId, code: fault.code });
    if (answer !== undefined) this.socket.writeMessage(answer);
  }

  closed(): void {
    for (const abandon of this.#waiting) abandon();
    this.options.observer.closed?.(this);
  }

  #warn(text: string, fields: Record<string, unknown> = {}): void {
    this.options.logger.warn(text, { ...fields, client: this.socket.peer });
  }
}
