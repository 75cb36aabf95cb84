import type { EspFault, EspReply, EspRequest } from '../esp/index.js';
import type { HostCall } from './call.js';
import type { Deadlined, Deadlines } from './deadlines.js';
import type { RegisteredMethod } from './method-table.js';

/** A client of the host, of any adapter. */
export interface Client {
  /** Its address and port, for logs. */
  readonly peer: string;
}

/**
 * Sends the only reply to a request.
 * @param fault the fault that an Event3rdServerFault was made from
 * @throws if the reply cannot be written. Nothing of it has been sent then, and a fault 900 follows
 */
export type Reply = (reply: EspReply, fault?: EspFault) => void;

/** A request and how to reply to it. */
export class Exchange {
  constructor(
    readonly request: EspRequest,
    readonly client: Client,
    readonly reply: Reply,
    /** Undefined if no plugin has registered the method. */
    readonly method: RegisteredMethod | undefined,
    /** When the request arrived, from `performance.now()`. */
    readonly startedAt: number,
  ) {}
}

/** An exchange whose handler has returned a promise. */
export class PendingExchange implements Deadlined {
  deadlineAt = 0;
  next: Deadlined | undefined = undefined;
  previous: Deadlined | undefined = undefined;

  constructor(
    public exchange: Exchange | undefined,
    public call: HostCall | undefined,
    /** Those of its method. */
    readonly deadlines: Deadlines,
    private readonly cutOff: (self: PendingExchange, why: 'deadline' | 'stopping') => void,
  ) {}

  /** Whether its handler is running and has not been cut off. */
  get isPending(): boolean {
    return this.exchange !== undefined;
  }

  /** Lets go of the request and its connection, as the handler's promise may never settle. */
  end(): void {
    this.exchange = undefined;
    this.call = undefined;
  }

  /** Replies with fault 920: the deadline has passed. */
  expire(): void {
    this.cutOff(this, 'deadline');
  }

  /** Replies with fault 920: the host is stopping. Does nothing if the exchange has ended. */
  stop(): void {
    this.cutOff(this, 'stopping');
  }
}
