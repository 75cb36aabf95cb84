import type { ReadyWebhook } from '../../host/index.js';
import type { StoredEvent, WaitingEvent } from '../../state/index.js';
import { Queue } from './queue.js';

/** Events in handlers at a time. */
const AT_ONCE = 64;

/** An event that waits. Its data is in the state file. */
export interface Entry extends Pick<WaitingEvent, 'seq' | 'receivedAt'> {
  readonly kept?: StoredEvent | undefined;
  /** Attempts that failed. */
  attempts: number;
  /** Failures of the state file, which are not attempts. */
  unstored: number;
}

/** The events of one key, oldest first. One of them is handled at a time. */
export interface Lane {
  readonly path: Path;
  readonly key: string | null;
  readonly name: string;
  readonly entries: Queue<Entry>;
}

/** The events of one path. */
interface Path {
  readonly name: string;
  webhook: ReadyWebhook | undefined;
  /** Lanes whose first event can be handled. */
  readonly ready: Queue<Lane>;
  /** Events that wait, are handled, or are about to be stored. */
  waiting: number;
  /** Events that failed too often. */
  parked: number;
  /** Events in handlers. */
  running: number;
}

/** The first event of a lane, and who handles it. */
export interface Begun {
  readonly lane: Lane;
  readonly entry: Entry;
  readonly webhook: ReadyWebhook;
}

/** Old events of a lane without a receiver. */
interface Unreceived {
  readonly lane: Lane;
  readonly seqs: readonly number[];
}

/** Events in order per key. Their paths take turns, and each may always have one of its events handled. */
export class Lanes {
  readonly #lanes = new Map<string, Lane>();
  /** The path whose turn is next comes first. */
  readonly #paths = new Map<string, Path>();
  #running = 0;

  /** Gives the events to these receivers. Those of other paths wait. */
  use(webhooks: ReadonlyMap<string, ReadyWebhook>): void {
    for (const name of webhooks.keys()) this.#path(name);
    for (const path of this.#paths.values()) path.webhook = webhooks.get(path.name);
  }

  /** Events that wait, are handled, or are about to be stored. */
  get waiting(): number {
    return [...this.#paths.values()].reduce((sum, { waiting }) => sum + waiting, 0);
  }

  get parked(): number {
    return [...this.#paths.values()].reduce((sum, { parked }) => sum + parked, 0);
  }

  /** Events of a path that wait or are parked. */
  stored(path: string): number {
    const { waiting, parked } = this.#path(path);
    return waiting + parked;
  }

  /** When the oldest event came. */
  oldest(now: number): number {
    let oldest = now;
    for (const { entries } of this.#lanes.values()) oldest = Math.min(oldest, entries.first?.receivedAt ?? now);
    return oldest;
  }

  /** Holds room for events that are being stored; negative: gives it back. */
  reserve(path: string, events: number): void {
    this.#path(path).waiting += events;
  }

  add({ path: of, key, seq, receivedAt, attempts }: WaitingEvent, kept?: StoredEvent): void {
    const path = this.#path(of);
    const name = `${of} ${key === null ? `#${seq}` : `=${key}`}`;
    const lane = this.#lanes.get(name) ?? { path, key, name, entries: new Queue<Entry>() };
    path.waiting++;
    lane.entries.push({ seq, receivedAt, attempts, unstored: 0, kept });
    if (lane.entries.length > 1) return;
    this.#lanes.set(name, lane);
    path.ready.push(lane);
  }

  /** The next event to handle, unless too many are being handled. Call `ended` or `again` for its lane afterwards. */
  begin(): Begun | undefined {
    if (this.#running >= AT_ONCE) return undefined;
    const paths = [...this.#paths.values()];
    // One place for each path that has nothing in a handler.
    const reserved = paths.filter(({ webhook, running }) => webhook !== undefined && running === 0).length;
    for (const path of paths) {
      if (path.webhook === undefined || path.ready.length === 0) continue;
      if (path.running > 0 && AT_ONCE - this.#running <= reserved) continue;
      this.#paths.delete(path.name);
      this.#paths.set(path.name, path);
      const lane = path.ready.shift();
      const entry = lane?.entries.first;
      if (lane === undefined || entry === undefined) continue;
      path.running++;
      this.#running++;
      return { lane, entry, webhook: path.webhook };
    }
    return undefined;
  }

  /** A handler has finished, and another may begin. */
  left({ path }: Lane): void {
    path.running--;
    this.#running--;
  }

  /** The first events of a lane have ended, or were parked. @returns the characters of their data in memory */
  ended(lane: Lane, events = 1): number {
    let kept = 0;
    for (let left = events; left > 0; left--) kept += lane.entries.shift()?.kept?.data.length ?? 0;
    lane.path.waiting -= events;
    if (lane.entries.length === 0) this.#lanes.delete(lane.name);
    else lane.path.ready.push(lane);
    return kept;
  }

  /** Events of a path were parked; negative: they are no longer. */
  park(path: string, events: number): void {
    this.#path(path).parked += events;
  }

  /** The first event of a lane can be handled again. */
  again(lane: Lane): void {
    lane.path.ready.push(lane);
  }

  /**
   * Takes events without a receiver that came before then, `most` of them. Call `ended` or `again` for their lanes
   * afterwards.
   */
  takeUnreceived(before: number, most: number): Unreceived[] {
    const taken: Unreceived[] = [];
    let room = most;
    for (const { webhook, ready } of this.#paths.values()) {
      for (let left = webhook === undefined ? ready.length : 0; left > 0; left--) {
        const lane = ready.shift();
        if (lane === undefined) break;
        const old = lane.entries.firstWhile(({ receivedAt }) => receivedAt < before).slice(0, room);
        room -= old.length;
        if (old.length > 0) taken.push({ lane, seqs: old.map(({ seq }) => seq) });
        else ready.push(lane);
      }
    }
    return taken;
  }

  #path(name: string): Path {
    const known = this.#paths.get(name);
    if (known !== undefined) return known;
    const path: Path = { name, webhook: undefined, ready: new Queue(), waiting: 0, parked: 0, running: 0 };
    this.#paths.set(name, path);
    return path;
  }
}
