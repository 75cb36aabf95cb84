export type { Frame } from '#wire';
export type { Exchange, RelayedConnection } from './exchange.js';
export type { Action, Direction, Interference, RelayObserver } from './hooks.js';
export { type Relay, type RelayOptions, type RelaySettings, relayOf, startRelay } from './start.js';
