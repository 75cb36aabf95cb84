import type { EspRequest } from 'esp-host/wire';
import type { Address } from '../configuration/index.js';

/** A request of one of Interaction Server's clients. */
export interface ClientRequest {
  /** The client's address. */
  readonly client: string;
  readonly request: EspRequest;
  /** The request as the client sent it. */
  readonly frame: Buffer;
}

/** What a request goes to an application under. */
export interface RelayedUnder {
  /** Interaction Server's own end of the connection. */
  readonly local: Address;
  readonly referenceId: number;
}

/** A client's connection, as it is whenever it is looked at. */
export interface ClientState {
  /** The client's address. */
  readonly client: string;
  readonly messagesIn: number;
  readonly messagesOut: number;
  /** What its ADDP asked for; undefined: it asked for none. */
  readonly addpTimeoutMs: number | undefined;
}

/** Told of what Interaction Server does with each request. */
export interface InteractionServerObserver {
  opened?(client: ClientState): void;
  /** The connection is over. */
  closed?(client: ClientState): void;
  /** It goes to this application; `under` is undefined for a request without ReferenceId. */
  relayed?(asked: ClientRequest, application: string, under: RelayedUnder | undefined): void;
  /** The client gets the application's answer. */
  answered?(asked: ClientRequest, answer: Buffer): void;
  /** The client gets a fault of Interaction Server's own; undefined where the request has no ReferenceId. */
  faulted?(asked: ClientRequest, fault: Buffer | undefined): void;
  /** The client has gone. */
  abandoned?(asked: ClientRequest): void;
}
