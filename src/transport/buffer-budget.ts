/** Requests up to this size may have all that is free: their number is limited anyway. */
const SMALL_BYTES = 16_384;

/** Closes a connection that holds the most. */
export type BufferCloser = (held: number) => void;

/** What the connections of one address hold together. */
class Address {
  waiting = 0;
  stalled = 0;
  readonly shares = new Set<BufferShare>();
}

/**
 * The bytes that clients may have the host keep, over all connections. One half is for requests that wait for their
 * methods: an address may fill as much of it with large ones as is still free. The other half is for what a client stalls: messages
 * that are not whole, and replies that it does not read. When that is full, the address that holds the most of it
 * loses its largest connection.
 */
export class BufferBudget {
  readonly #addresses = new Map<string, Address>();
  waiting = 0;
  stalled = 0;

  constructor(
    /** Of both halves; it may change. */
    public bytes: number,
  ) {}

  /** The share of a connection, to be ended with it. */
  share(address: string, close: BufferCloser): BufferShare {
    const group = addressGroup(address);
    const known = this.#addresses.get(group) ?? new Address();
    this.#addresses.set(group, known);
    return new BufferShare(this, known, close, () => this.#addresses.delete(group));
  }

  /** Closes connections until what is stalled fits again. */
  relieve(): void {
    while (this.stalled > this.bytes / 2) {
      const address = most(this.#addresses.values());
      const share = address && most(address.shares);
      if (share === undefined) return;
      share.evict();
    }
  }
}

/** One connection's part of the budget. */
export class BufferShare {
  waiting = 0;
  stalled = 0;
  #over = false;

  constructor(
    private readonly budget: BufferBudget,
    private readonly address: Address,
    private readonly close: BufferCloser,
    /** The last share of its address has ended. */
    private readonly left: () => void,
  ) {
    address.shares.add(this);
  }

  /** Whether a request of this size may wait. */
  fits(bytes: number): boolean {
    const { budget, address } = this;
    const free = budget.bytes / 2 - budget.waiting;
    return bytes <= free && (bytes <= SMALL_BYTES || address.waiting + bytes <= free);
  }

  /** A request of this size waits. */
  wait(bytes: number): void {
    this.waiting += bytes;
    this.address.waiting += bytes;
    this.budget.waiting += bytes;
  }

  /** How much the client stalls now. */
  stall(bytes: number): void {
    if (this.#over) return;
    const more = bytes - this.stalled;
    this.stalled = bytes;
    this.address.stalled += more;
    this.budget.stalled += more;
    if (more > 0) this.budget.relieve();
  }

  /** Gives back what is stalled, and closes the connection. */
  evict(): void {
    const held = this.stalled;
    this.stall(0);
    this.#over = true;
    this.close(held);
  }

  /** The connection is over. */
  end(): void {
    const { shares } = this.address;
    if (!shares.delete(this)) return;
    this.stall(0);
    this.#over = true;
    this.wait(-this.waiting);
    if (shares.size === 0) this.left();
  }
}

function most<T extends { readonly stalled: number }>(all: Iterable<T>): T | undefined {
  let largest: T | undefined;
  for (const one of all) if (one.stalled > (largest?.stalled ?? 0)) largest = one;
  return largest;
}

/** Whom an address belongs to: an IPv4 address is one client's, while an IPv6 client has a /64 of them. */
export function addressGroup(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.split('::', 2);
  const [before, behind] = [head, tail ?? ''].map((part) => (part === '' ? [] : part.split(':')));
  const groups = before as string[];
  const zeros = tail === undefined ? 0 : 8 - groups.length - (behind as string[]).length;
  return [...groups, ...Array<string>(zeros).fill('0'), ...(behind as string[])].slice(0, 4).join(':');
}
