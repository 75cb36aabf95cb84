import type { RunningPlatform } from '../../runtime/index.js';
import type { Changed } from '../events.js';

/** What the routes are made from. */
export interface RouteContext {
  readonly platform: RunningPlatform;
  /** Of the API itself, as soon as it listens. */
  readonly url: () => string;
  /** Tells the clients of /api/events. */
  readonly changed: (what: Changed) => void;
}
