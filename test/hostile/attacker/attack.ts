import { Peer } from './peer.js';

/** Where the host is that is attacked. */
export interface Ground {
  readonly esp: number;
  readonly metrics: number;
  readonly http: number;
  /** Of `listeners.http`. */
  readonly token: string;
  /** Whether ESP is spoken over TLS. */
  readonly tls: boolean;
}

/** A kind of attack: each step runs some, and yields their number. It never ends. */
export interface Attack {
  readonly name: string;
  /** What `limits.connections` must be for it; 1000 unless it says so. */
  readonly limit?: number;
  /** The host that it wants speaks ESP over TLS. */
  readonly tls?: true;
  readonly steps: (ground: Ground) => AsyncGenerator<number, void>;
}

/** Attackers come from addresses of their own, so that what the host keeps for each address doesn't hit the others. */
export const FROM = '127.0.0.2';

let last = 0;

/** A rarely used address. */
export const otherAddress = (): string => `127.0.${1 + ((last >> 7) % 250)}.${3 + (last++ % 128)}`;

/** Sends requests and waits until each has its reply. `of` makes one from its ReferenceId. */
export async function askAll(
  peer: Peer,
  what: string,
  requests: readonly ((referenceId: number) => Buffer)[],
): Promise<number> {
  const before = peer.replies;
  const waiting = new Set<number>();
  peer.onReply = ({ referenceId }) => {
    if (!waiting.delete(referenceId)) peer.problem = new Error(`${what}: a second reply to ${referenceId}`);
  };
  for (const [index, make] of requests.entries()) {
    waiting.add(index + 1);
    await peer.write(make(index + 1));
  }
  await peer.until(before + requests.length, what);
  return requests.length;
}

/** Keeps one connection for steps that use it, and opens another if the host has closed it. */
export class Connection {
  #peer: Peer | undefined;

  constructor(
    private readonly port: number,
    private readonly from = FROM,
  ) {}

  async get(): Promise<Peer> {
    if (this.#peer === undefined || this.#peer.closed) this.#peer = await Peer.open(this.port, this.from);
    return this.#peer;
  }

  reset(): void {
    this.#peer?.reset();
  }
}

/** Runs an attack until `enough` says so. @returns how many single attacks it was */
export async function attackUntil(
  attack: Attack,
  ground: Ground,
  enough: (attacks: number) => boolean,
): Promise<number> {
  let attacks = 0;
  for await (const step of attack.steps(ground)) {
    attacks += step;
    if (enough(attacks)) break;
  }
  return attacks;
}
