/** Requests up to this size may use all that is free: their number has a limit already. */
const SMALL_BYTES = 16_384;

/** Closes a connection that uses too many bytes. */
export type BufferCloser = (stalled: number) => void;

/** What the connections of one address use together. */
class Address {
  waiting = 0;
  stalled = 0;
  readonly shares = new Set<BufferShare>();
}

/**
 * The memory that clients may use, over all connections. One half is for requests that wait for their methods: an address
 * may use as much of it for large requests as is still free. The other half is for what clients stall: incomplete messages
 * and unread replies. If that is full, the address that uses the most of it loses its largest connection.
 */
export class BufferBudget {
  readonly #addresses = new Map<string, Address>();
  waiting = 0;
  stalled = 0;

  constructor(
    /** Size of both halves together; it may change. */
    public bytes: number,
  ) {}

  /** The share of a connection. End it with the connection. */
  share(address: string, close: BufferCloser): BufferShare {
    const group = addressGroup(address);
    const known = this.#addresses.get(group) ?? new Address();
    this.#addresses.set(group, known);
    return new BufferShare(this, known, close, () => this.#addresses.delete(group));
  }

  /** Closes connections until stalled bytes fit again. */
  relieve(): void {
    while (this.stalled > this.bytes / 2) {
      const address = largest(this.#addresses.values());
      const share = address && largest(address.shares);
      if (share === undefined) return;
      share.evict();
    }
  }
}

/** One connection's part of the budget. */
export class BufferShare {
  waiting = 0;
  stalled = 0;
  #ended = false;

  constructor(
    private readonly budget: BufferBudget,
    private readonly address: Address,
    private readonly close: BufferCloser,
    /** Called when the last share of the address has ended. */
    private readonly lastEnded: () => void,
  ) {
    address.shares.add(this);
  }

  /** Whether a request of this size may wait. */
  fits(bytes: number): boolean {
    const { budget, address } = this;
    const free = budget.bytes / 2 - budget.waiting;
    return bytes <= free && (bytes <= SMALL_BYTES || address.waiting + bytes <= free);
  }

  /** A request of this size starts to wait; negative: it no longer waits. */
  wait(bytes: number): void {
    this.waiting += bytes;
    this.address.waiting += bytes;
    this.budget.waiting += bytes;
  }

  /** The client now stalls this many bytes. */
  stall(bytes: number): void {
    if (this.#ended) return;
    const more = bytes - this.stalled;
    this.stalled = bytes;
    this.address.stalled += more;
    this.budget.stalled += more;
    if (more > 0) this.budget.relieve();
  }

  /** Frees what the client stalls, and closes its connection. */
  evict(): void {
    const { stalled } = this;
    this.stall(0);
    this.#ended = true;
    this.close(stalled);
  }

  /** Frees everything: the connection has closed. */
  end(): void {
    const { shares } = this.address;
    if (!shares.delete(this)) return;
    this.stall(0);
    this.#ended = true;
    this.wait(-this.waiting);
    if (shares.size === 0) this.lastEnded();
  }
}

function largest<T extends { readonly stalled: number }>(all: Iterable<T>): T | undefined {
  let found: T | undefined;
  for (const one of all) if (one.stalled > (found?.stalled ?? 0)) found = one;
  return found;
}

/** The client that an address belongs to: an IPv4 address is one client, an IPv6 client has a /64 network. */
export function addressGroup(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.split('::', 2);
  const [before, behind] = [head, tail ?? ''].map((part) => (part === '' ? [] : part.split(':')));
  const groups = before as string[];
  const zeros = tail === undefined ? 0 : 8 - groups.length - (behind as string[]).length;
  return [...groups, ...Array<string>(zeros).fill('0'), ...(behind as string[])].slice(0, 4).join(':');
}
