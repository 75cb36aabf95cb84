import type { EspMessage } from '../../esp/index.js';
import type { ConnectOptions } from '../connect.js';

export interface LoadOptions extends ConnectOptions {
  readonly connections: number;
  /** Requests under way on each connection. */
  readonly inFlight: number;
  /** Opens a connection for each request and closes it behind the reply, as some clients do; `inFlight` is then 1. */
  readonly connectionPerRequest?: boolean;
  /** The requests, sent in turn; their ReferenceIds are the load's business. */
  readonly messages: readonly [EspMessage, ...EspMessage[]];
  /** Of type 0 strings and keys. */
  readonly charset?: string;
  /** How long a reply may take, in ms. */
  readonly timeoutMs: number;
}
