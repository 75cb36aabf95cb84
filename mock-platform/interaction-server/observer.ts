import type { EspRequest } from '#wire';
import type { Address } from '../configuration/index.js';

/** A request of an Interaction Server client. */
export interface ClientRequest {
  /** The client's address. */
  readonly client: string;
  readonly request: EspRequest;
  /** The request as the client sent it. */
  readonly frame: Buffer;
}

/** How Interaction Server relays a request to an application. */
export interface RelayedUnder {
  /** The local address of Interaction Server's connection. */
  readonly local: Address;
  readonly referenceId: number;
}

/** The live state of a client connection. */
export interface ClientState {
  /** The client's address. */
  readonly client: string;
  readonly messagesIn: number;
  readonly messagesOut: number;
  /** The ADDP timeout that the client requested; undefined if it requested no ADDP. */
  readonly addpTimeoutMs: number | undefined;
}

/** Observes the clients of Interaction Server and their requests. */
export interface InteractionServerObserver {
  opened?(client: ClientState): void;
  closed?(client: ClientState): void;
  /** The request was relayed to this application. `under` is undefined for a request without ReferenceId. */
  relayed?(request: ClientRequest, application: string, under: RelayedUnder | undefined): void;
  /** The client gets the application's reply. */
  answered?(request: ClientRequest, reply: Buffer): void;
  /** The client gets a fault from Interaction Server; undefined if the request has no ReferenceId. */
  faulted?(request: ClientRequest, fault: Buffer | undefined): void;
  /** The client disconnected before the reply. */
  abandoned?(request: ClientRequest): void;
}
