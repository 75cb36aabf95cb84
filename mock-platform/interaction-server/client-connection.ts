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
} from '#wire';
import { LIST_LIMITS } from '../limits.js';
import type { ApplicationLink } from './application-link.js';
import type { ClientRequest, ClientState, InteractionServerObserver } from './observer.js';
import type { WindowRequest } from './request-window.js';
import type { Router } from './router.js';

/** Options of Interaction Server for the requests to each application. */
export interface ThirdPartyServerOptions {
  /** `third-party-server-timeout`: how long a reply may take, in ms. @default deadlineMs */
  readonly timeoutMs?: number | undefined;
  /** `third-party-server-window-size`: how many requests may wait for a reply. More wait in a queue. @default no limit */
  readonly windowSize?: number | undefined;
  /** `third-party-server-queue-size`: how many requests may wait in the queue. More are rejected. @default no limit */
  readonly queueSize?: number | undefined;
}

export interface RelayOptions {
  readonly router: Router<ApplicationLink>;
  /** How long an application may take to reply. */
  readonly deadlineMs: number;
  readonly thirdPartyServer: ThirdPartyServerOptions;
  readonly logger: Logger;
  readonly observer: InteractionServerObserver;
}

/** The application type of Interaction Server, in its own faults. */
const INTERACTION_SERVER = 111;

/** Used only to find the target. Text in another charset stays bytes, and the body is relayed unchanged. */
const UTF_8 = charset();

/** The connection of an ESP client, such as a strategy. Relays requests to applications, and their replies back. */
export class ClientConnection implements EspServerConnection, ClientState {
  /** Abandon the pending requests when the client disconnects. */
  readonly #pending = new Set<() => void>();

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
    // A copy: the request may wait in the queue.
    const body = Buffer.from(bytes.subarray(start, end));
    const message = decodeBody(body, 0, body.length, UTF_8, LIST_LIMITS);
    if (message.messageId !== MessageId.Request3rdServer) {
      this.#warn(`${messageName(message.messageId)} was sent to Interaction Server and is ignored`);
      return;
    }
    const request = new EspRequest(message);
    const received = { client: this.socket.peer, request, frame: frame(body) };
    try {
      const application = this.options.router.route(request);
      if (request.referenceId === undefined) this.#relayWithoutReply(received, body, application);
      else this.#relay(received, body, application);
    } catch (error) {
      if (!(error instanceof EspFault)) throw error;
      this.#fault(received, error);
    }
  }

  /** Without a ReferenceId, there is no reply. */
  #relayWithoutReply(received: ClientRequest, body: Buffer, application: ApplicationLink): void {
    this.#warn(`${received.request.name} has no ReferenceId: relayed to ${application.name} without a reply`);
    application.send(body, { answered: () => undefined, lost: () => undefined });
    this.options.observer.relayed?.(received, application.name, undefined);
  }

  #relay(received: ClientRequest, body: Buffer, application: ApplicationLink): void {
    const { observer } = this.options;
    const because = (why: string, error?: Error): EspFault =>
      faults.upstreamFailed(application.name, received.request.name, why, error);
    let forget = (): void => undefined;
    const request: WindowRequest = {
      send: () => {
        const sent = application.send(body, {
          answered: (reply) => {
            end();
            const answer = frame(reply);
            this.socket.writeMessage(answer);
            observer.answered?.(received, answer);
          },
          lost: (error) => fail(because('connection lost', error)),
        });
        forget = sent.forget;
        if (sent.under === undefined) fail(because('connection lost'));
        else observer.relayed?.(received, application.name, sent.under);
      },
      timedOut: () => fail(this.#timeoutFault(application.name, received.request.name)),
    };
    const end = (): void => {
      forget();
      this.#pending.delete(abandon);
      application.window.leave(request);
    };
    const fail = (fault: EspFault): void => {
      end();
      this.#fault(received, fault);
    };
    const abandon = (): void => {
      end();
      observer.abandoned?.(received);
    };
    this.#pending.add(abandon);
    if (application.window.enter(request)) return;
    fail(because(`third-party-server-queue-size of ${this.options.thirdPartyServer.queueSize} reached`));
  }

  #timeoutFault(application: string, request: string): EspFault {
    const { deadlineMs, thirdPartyServer } = this.options;
    const { timeoutMs } = thirdPartyServer;
    if (timeoutMs === undefined) return faults.deadlinePassed(application, request, deadlineMs);
    return faults.upstreamFailed(application, request, `third-party-server-timeout of ${timeoutMs} ms passed`);
  }

  #fault(received: ClientRequest, fault: EspFault): void {
    const { request } = received;
    const { referenceId } = request;
    const answer =
      referenceId === undefined ? undefined : encodeMessage(faultTo(request, INTERACTION_SERVER, fault), UTF_8);
    this.options.observer.faulted?.(received, answer);
    const why = fault.cause instanceof Error ? `: ${fault.cause.message}` : '';
    this.#warn(`${fault.message}${why}`, { referenceId, code: fault.code });
    if (answer !== undefined) this.socket.writeMessage(answer);
  }

  closed(): void {
    for (const abandon of this.#pending) abandon();
    this.options.observer.closed?.(this);
  }

  #warn(text: string, fields: Record<string, unknown> = {}): void {
    this.options.logger.warn(text, { ...fields, client: this.socket.peer });
  }
}
