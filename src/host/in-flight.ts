import type { EspFault, EspReply } from '../esp/index.js';
import type { HostCall } from './call.js';
import type { Client } from './client-context.js';
import type { Deadlined } from './deadlines.js';

/**
 * Takes the one reply to a request; of an Event3rdServerFault, with the fault that it was made of.
 * @throws where the reply cannot be written: nothing of it has been, and a fault 900 comes in its place
 */
export type Reply = (reply: EspReply, fault?: EspFault) => void;

const NOBODY: Client = { peer: '' };
const UNREAD: Reply = () => undefined;

/** A request that waits for its handler. */
export class InFlight implements Deadlined {
  deadlineAt = 0;
  next: Deadlined | undefined = undefined;
  previous: Deadlined | undefined = undefined;

  constructor(
    /** Undefined when it is over. */
    public call: HostCall | undefined,
    public client: Client,
    public reply: Reply,
    /** Of `performance.now()`. */
    readonly startedAt: number,
    private readonly cutOff: (self: InFlight, why: 'deadline' | 'stopping') => void,
  ) {}

  /** Answered, expired or abandoned. */
  get over(): boolean {
    return this.call === undefined;
  }

  /** It is over, and lets go of the request and its connection: its handler may never be done. */
  end(): void {
    this.call = undefined;
    this.client = NOBODY;
    this.reply = UNREAD;
  }

  /** Answers it 920: its deadline has passed. */
  expire(): void {
    this.cutOff(this, 'deadline');
  }

  /** Answers it 920: the host stops, and cannot wait for the handler any longer. */
  turnAway(): void {
    if (!this.over) this.cutOff(this, 'stopping');
  }
}
