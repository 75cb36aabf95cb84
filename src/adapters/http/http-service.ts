import type { Dispatcher } from '../../host/index.js';
import type { BearerToken } from './bearer-token.js';
import type { ListLimits } from './list-size.js';

export interface HttpLimits extends ListLimits {
  readonly messageBytes: number;
  readonly connections: number;
  readonly connectionsPerAddress?: number | undefined;
  /** How long a request may stay unfinished, and a client may leave its reply unread. */
  readonly frameMs: number;
  readonly deadlineMs: number;
}

/** What requests are answered with; a reload may change it while connections stay. */
export interface HttpService {
  /** Of the application, for people. */
  readonly name: string;
  readonly dispatcher: Dispatcher;
  readonly limits: HttpLimits;
  readonly bearer: BearerToken;
}

/** What counts at this moment. */
export type CurrentService = () => HttpService;
