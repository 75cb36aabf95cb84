import {
  type LabelledCounter,
  type Logger,
  type Metrics,
  type RecordChange,
  type State,
  type WebhookCall,
  withTimeout,
} from 'esp-host';
import { KEEP_MS } from '../config/index.js';
import { PhoneNumbers, shownId } from '../phone-numbers.js';
import { type Fate, type FateNews, isReference, newReference, REPORTED, resolutionOf, withNews } from './fate.js';

/** How long an invitation waits for the state before it is sent without a record. */
const WRITE_MS = 1000;

/** Longer texts of faults are cut. */
const FAULT_MAX = 300;

/**
 * How long an invitation of another host counts as in progress: far longer than a request takes. An answer that comes even
 * later outranks the unknown outcome.
 */
export const IN_PROGRESS_MS = 300_000;

/** How often a host looks for invitations of hosts that were killed. */
const SETTLE_MS = 60_000;

/** Records of an earlier run that are read at a time. */
const PAGE = 500;

export const recordId = (reference: string): string => `invitation/${reference}`;

/** The keys by which a record is found. A number is the key of all records about its owner, so that they can be erased. */
export const KEYS = {
  all: 'invitations',
  /** No answer and no webhook has said yet what became of it. */
  undecided: 'invitations undecided',
  channel: (name: string) => `invitations of ${name}`,
  referenceId: (id: number) => `invitations with ReferenceId ${id}`,
  message: (id: string) => `message ${id}`,
};

const keysOf = (fate: Fate): string[] => [
  KEYS.all,
  KEYS.channel(fate.channel),
  PhoneNumbers.present(fate.to),
  ...(fate.referenceId === undefined ? [] : [KEYS.referenceId(fate.referenceId)]),
  ...(fate.messageId === undefined ? [] : [KEYS.message(fate.messageId)]),
  ...(Object.keys(fate.times).length > 1 ? [] : [KEYS.undecided]),
];

/** A record that was begun. */
export interface BegunFate {
  /** `biz_opaque_callback_data` of the message. */
  readonly reference: string;
  readonly fate: Fate;
  /** Whether the state has it: if not, it is not to be brought back. */
  readonly isStored: boolean;
}

export interface FatesOptions {
  readonly state: State;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** How long each channel keeps its invitations. */
  readonly channels: ReadonlyMap<string, number>;
  /** When this process started, in ms since 1970. @default performance.timeOrigin */
  readonly processStart?: number;
}

/** The records of invitations in the state. If it fails, invitations are sent without them. */
export class Fates {
  /** Writes that no request waits for, by the id of the message. */
  readonly #pending = new Map<string, Promise<void>>();
  readonly #working = new Set<Promise<void>>();
  /** Whether the last write failed. */
  #isFailing = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: FatesOptions) {
    for (const channel of options.channels.keys()) {
      this.#unrecorded(channel);
      for (const outcome of REPORTED) this.#resolved(channel, outcome);
    }
  }

  /**
   * A process that has ended may have left invitations without an outcome: it is unknown now. After a reload, those of this
   * process may still be in progress. So may those of hosts that share the state, for a while.
   */
  async start(): Promise<void> {
    await this.settle();
    if (!this.options.state.isShared) return;
    this.#timer = setInterval(() => void this.settle(), SETTLE_MS);
    this.#timer.unref();
  }

  /** Looks for invitations without an outcome that nobody sends any more. Never fails. */
  async settle(): Promise<void> {
    const { state, logger, processStart = performance.timeOrigin } = this.options;
    const at = Date.now();
    const before = state.isShared ? at - IN_PROGRESS_MS : processStart;
    let found = 0;
    try {
      for (let page = await this.#undecided(); page.length > 0; page = await this.#undecided(page.at(-1)?.seq)) {
        const left = page.filter(({ value: { times } }) => (times.requested ?? 0) < before);
        found += left.length;
        await Promise.all(left.map(({ id }) => state.update<Fate>(id, this.#change({ status: 'unknown', at }))));
      }
    } catch (error) {
      this.#failed(undefined, error as Error);
    }
    const whose = state.isShared ? 'a host that has ended' : 'an earlier run';
    if (found > 0) logger.warn(`invitations of ${whose} have an unknown outcome`, { invitations: found });
  }

  #undecided(before?: number) {
    return this.options.state.find<Fate>(KEYS.undecided, { limit: PAGE, before });
  }

  /** Records an invitation before it is sent. Never fails. */
  async begin(invitation: Pick<Fate, 'channel' | 'to' | 'template' | 'referenceId'>): Promise<BegunFate> {
    const reference = newReference();
    const fate: Fate = { ...invitation, times: { requested: Date.now() } };
    try {
      const { keepMs, keys } = this.#keep(fate);
      await withTimeout(this.options.state.put(recordId(reference), fate, { keepMs, keys }), WRITE_MS);
      this.#succeeded();
      return { reference, fate, isStored: true };
    } catch (error) {
      this.#failed(fate.channel, error as Error);
      return { reference, fate, isStored: false };
    }
  }

  /** Records what became of the call. Its request does not wait for it. */
  end({ reference, fate, isStored }: BegunFate, news: FateNews): void {
    const cut = { ...news, fault: news.fault?.slice(0, FAULT_MAX) };
    const work = this.#end(recordId(reference), isStored ? undefined : fate, cut).catch((error: Error) => {
      this.#failed(fate.channel, error);
    });
    this.#working.add(work);
    if (news.messageId !== undefined) this.#pending.set(news.messageId, work);
    void work.then(() => {
      this.#working.delete(work);
      if (news.messageId !== undefined) this.#pending.delete(news.messageId);
    });
  }

  async #end(id: string, missing: Fate | undefined, news: FateNews): Promise<void> {
    const change = this.#change(news, missing);
    let resolved: Fate | undefined;
    await this.options.state.update<Fate>(id, (before) => {
      const changed = change(before);
      resolved = changed?.value;
      return changed;
    });
    this.#succeeded();
    // The webhook may have come before the answer was given up.
    if (resolved !== undefined && news.status === 'unknown') this.#countResolution(id, resolved);
  }

  /**
   * Records what a webhook reports, in its transaction. A message without a record is ignored.
   * @param reference the callback data of the message
   */
  async report(
    reference: string | undefined,
    news: FateNews & { messageId: string },
    { state, onHandled }: Pick<WebhookCall, 'state' | 'onHandled'>,
  ): Promise<void> {
    // Otherwise both would change the record at the same time, and the handler would run again.
    await this.#pending.get(news.messageId);
    const id = await this.#idOf(reference, news.messageId, state);
    if (id === undefined) return;
    const before = await state.get<Fate>(id);
    const after = await state.update<Fate>(id, this.#change(news));
    if (before !== undefined && after !== undefined && resolutionOf(before) === undefined) {
      onHandled(() => this.#countResolution(id, after));
    }
  }

  async #idOf(reference: string | undefined, messageId: string, state: State): Promise<string | undefined> {
    if (reference !== undefined && isReference(reference)) {
      const id = recordId(reference);
      if ((await state.get<Fate>(id)) !== undefined) return id;
    }
    const [found] = await state.find<Fate>(KEYS.message(messageId), { limit: 1 });
    return found?.id;
  }

  /** The invitation of a channel with this id of WhatsApp. @throws StateError */
  async find(channel: string, messageId: string): Promise<Fate | undefined> {
    await this.#pending.get(messageId);
    const found = await this.options.state.find<Fate>(KEYS.message(messageId));
    return found.find(({ value }) => value.channel === channel)?.value;
  }

  /** Finishes what no request waits for. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#working);
  }

  /** @param missing what to record if there is no record; without it, a record that was erased stays erased */
  #change(news: FateNews, missing?: Fate): (before: Fate | undefined) => RecordChange<Fate> | undefined {
    return (before = missing) => {
      if (before === undefined) return undefined;
      const after = withNews(before, news);
      return after === before ? undefined : this.#keep(after);
    };
  }

  #keep(fate: Fate): RecordChange<Fate> & { readonly keys: readonly string[] } {
    const keepMs = this.options.channels.get(fate.channel) ?? KEEP_MS;
    return { value: fate, keepMs, keys: keysOf(fate) };
  }

  #countResolution(id: string, fate: Fate): void {
    const outcome = resolutionOf(fate);
    if (outcome === undefined) return;
    const { channel, messageId = '' } = fate;
    this.#resolved(channel, outcome).inc();
    const fields = { channel, callbackData: id.slice(recordId('').length), messageId: shownId(messageId) };
    this.options.logger.info(`the outcome of an invitation is known: unknown -> ${outcome}`, fields);
  }

  #succeeded(): void {
    if (this.#isFailing) this.options.logger.info('invitations are recorded again');
    this.#isFailing = false;
  }

  /** Logs the first of several failures. */
  #failed(channel: string | undefined, error: Error): void {
    if (channel !== undefined) this.#unrecorded(channel).inc();
    if (this.#isFailing) return;
    this.#isFailing = true;
    this.options.logger.warn(`invitations cannot be recorded, and are sent without: ${error.message}`);
  }

  #resolved(channel: string, outcome: string): LabelledCounter {
    const help = 'Invitations whose outcome was unknown, by what a webhook has reported about them first';
    return this.options.metrics.counter('esp_invitations_resolved_total', help, { channel, outcome });
  }

  #unrecorded(channel: string): LabelledCounter {
    const help = 'Writes about invitations that the state did not take';
    return this.options.metrics.counter('esp_invitations_unrecorded_total', help, { channel });
  }
}
