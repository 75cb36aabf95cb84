import type { Frame, WireError } from 'esp-host/wire';
import type { Exchange, RelayedConnection } from './exchange.js';

/** The direction of a frame. */
export type Direction = 'toServer' | 'toClient';

/** Told of what passes. The bytes themselves are on their way by then. */
export interface RelayObserver {
  /** A client is connected with the server. */
  opened?(connection: RelayedConnection): void;
  /** Every whole frame as its sender wrote it. */
  frame?(connection: RelayedConnection, direction: Direction, frame: Frame): void;
  /** The stream broke the format; what comes from now on in this direction passes without being looked at. */
  broken?(connection: RelayedConnection, direction: Direction, error: WireError): void;
  /** A request came. */
  request?(exchange: Exchange): void;
  /** The client got this answer. */
  answered?(exchange: Exchange, bytes: Buffer): void;
  /** No answer will come: none is due (`none`), or the connection is over (`lost`). */
  unanswered?(exchange: Exchange, how: 'none' | 'lost', why: string): void;
  /** Both sides of a connection are closed. */
  closed?(connection: RelayedConnection, why: string): void;
}

/** What becomes of a frame in place of passing on. */
export type Action =
  | { readonly do: 'drop' }
  /** Those that come behind it do not wait. `atOnce` ends the wait. */
  | { readonly do: 'delay'; readonly ms: number; readonly atOnce: AbortSignal }
  | { readonly do: 'replace'; readonly bytes: Buffer }
  /** Of a request: the client gets these bytes, and the server nothing. */
  | { readonly do: 'answer'; readonly bytes: Buffer }
  /** The client gets these bytes, and then both connections end: with a FIN towards the client, or with a reset. */
  | { readonly do: 'close' | 'reset'; readonly bytes?: Buffer };

/** May do something else with frames than to pass them on. */
export interface Interference {
  /** While this is false bytes pass as they come; while it is true a frame is held until it is whole. */
  readonly active: boolean;
  /** undefined: it passes. `exchange` is that of a request or of its answer. */
  decide(frame: Frame, direction: Direction, exchange: Exchange | undefined): Action | undefined;
}
