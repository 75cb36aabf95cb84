import type { Frame, WireError } from '#wire';
import type { Exchange, RelayedConnection } from './exchange.js';

/** The direction of a frame. */
export type Direction = 'toServer' | 'toClient';

/** Observes relayed connections, frames and exchanges. */
export interface RelayObserver {
  /** A client is connected to the server. */
  opened?(connection: RelayedConnection): void;
  /** Called for every complete frame, as sent. */
  frame?(connection: RelayedConnection, direction: Direction, frame: Frame): void;
  /** The stream breaks the format. The rest of this direction is forwarded without being parsed. */
  broken?(connection: RelayedConnection, direction: Direction, error: WireError): void;
  /** A request arrived. */
  request?(exchange: Exchange): void;
  /** The answer was sent to the client. */
  answered?(exchange: Exchange, bytes: Buffer): void;
  /** There will be no answer: the request gets none (`none`), or the connection closed (`lost`). */
  unanswered?(exchange: Exchange, how: 'none' | 'lost', why: string): void;
  /** Both sides of a connection are closed. */
  closed?(connection: RelayedConnection, why: string): void;
}

/** What to do with a frame instead of forwarding it. */
export type Action =
  | { readonly do: 'drop' }
  /** Later frames do not wait. Aborting `atOnce` ends the delay. */
  | { readonly do: 'delay'; readonly ms: number; readonly atOnce: AbortSignal }
  | { readonly do: 'replace'; readonly bytes: Buffer }
  /** Sends these bytes to the client in reply to a request, and nothing to the server. */
  | { readonly do: 'answer'; readonly bytes: Buffer }
  /** Sends these bytes to the client, then closes both connections, the client's with a FIN or a reset. */
  | { readonly do: 'close' | 'reset'; readonly bytes?: Buffer };

/** Interferes with relayed frames. */
export interface Interference {
  /** If true, frames are held until they are complete; if false, bytes are forwarded as they arrive. */
  readonly active: boolean;
  /** Returns undefined to forward the frame. `exchange` is set for a request and its answer. */
  decide(frame: Frame, direction: Direction, exchange: Exchange | undefined): Action | undefined;
}
