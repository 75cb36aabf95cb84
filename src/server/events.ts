import {
  Inbox,
  type InboxSettings,
  Leader,
  Outbox,
  type OutboxSettings,
  WebhookMetrics,
} from '../adapters/webhooks/index.js';
import { type Config, INBOX_DEFAULTS } from '../config/index.js';
import { type Host, httpClient, type WebhookObserver } from '../host/index.js';
import { redisAddress } from '../redis/index.js';
import { openState, StateError, StateFile, type StateStore } from '../state/index.js';
import type { Metrics, RootLogger } from '../telemetry/index.js';
import type { Change } from './change.js';
import type { Prepared } from './prepare.js';

/** Where the state is kept: where `state` says, in memory, or in memory if that cannot be used, as if another host has the file. */
export type StatePlace = 'as configured' | 'memory' | 'as configured if usable';

type Place = NonNullable<Config['state']>;

/** The state, and the inbox and outbox of webhooks in it. All generations of a server share them. */
export interface Events {
  readonly state: StateStore;
  readonly inbox: Inbox;
  readonly outbox: Outbox;
  readonly metrics: WebhookMetrics;
  /** Says whose turn it is, if several hosts share the state. */
  readonly leader: Leader | undefined;
}

/** Opens the state when a configuration first has one. */
export class EventsHolder {
  #open: Events | undefined;
  /** Of the configuration in use: another state has another one. */
  #id: string | undefined;
  #name = '';
  /** Whether the configuration in use takes webhooks. */
  #takesWebhooks = false;

  constructor(
    private readonly logger: RootLogger,
    private readonly metrics: Metrics,
    private readonly place: StatePlace = 'as configured',
    private readonly observer?: WebhookObserver,
  ) {}

  /** @throws ConfigError if the state cannot be used, or differs from the one in use */
  async open(prepared: Prepared, change: Change): Promise<Events | undefined> {
    const { loaded } = prepared;
    const { state: place } = loaded.config;
    const id = place?.file ?? loaded.fingerprint(['state']);
    if (this.#open !== undefined) {
      if (id === this.#id) return this.#open;
      throw loaded.problem(['state'], `cannot change while the host runs (it uses ${this.#name}): restart it`);
    }
    if (place === undefined) return undefined;
    try {
      const scope = this.metrics.scope();
      const state = await this.#openState(place, scope);
      change.onUndo(async () => {
        await this.#close();
        scope.close();
      });
      this.#open = this.#boxes(state, scope, prepared);
      this.#id = id;
      this.#name = nameOf(place);
      const { inbox, outbox, leader } = this.#open;
      if (leader !== undefined) return this.#open;
      await inbox.start();
      await outbox.start();
      return this.#open;
    } catch (error) {
      const key = place.file === undefined ? 'redis' : 'file';
      throw error instanceof StateError ? loaded.problem(['state', key], error.message) : error;
    }
  }

  #boxes(state: StateStore, scope: Metrics, prepared: Prepared): Events {
    const { logger, observer } = this;
    const metrics = new WebhookMetrics(scope);
    const { lease } = state;
    const leader = lease && new Leader({ state, lease, logger, leads: metrics.leads() });
    const inbox = new Inbox({ state, leader, metrics, logger, settings: inboxSettings(prepared), observer });
    const outbox = new Outbox({ state, leader, metrics, logger, http: httpClient(scope) });
    return { state, inbox, outbox, metrics, leader };
  }

  /** @throws StateError */
  async #openState(place: Place, metrics: Metrics): Promise<StateStore> {
    if (this.place === 'memory') return StateFile.inMemory();
    try {
      return await openState(place, { logger: this.logger, metrics });
    } catch (error) {
      if (this.place === 'as configured' || !(error instanceof StateError)) throw error;
      this.logger.warn(`the state is kept in memory until the host stops: ${error.message}`);
      return StateFile.inMemory();
    }
  }

  /** Hands webhooks to the plugins of this host. Resolves when the earlier plugins have finished theirs. */
  async use(host: Host, prepared: Prepared): Promise<void> {
    if (this.#open === undefined) return;
    for (const { path } of host.webhooks) this.#open.metrics.receiver(path);
    this.#open.outbox.use(outboxSettings(prepared));
    const { inbox, outbox, leader } = this.#open;
    const handedOver = inbox.use(host.webhooks, inboxSettings(prepared));
    // A host that takes no webhooks leaves them to the others: it may not know where to forward them.
    this.#takesWebhooks = host.webhooks.length > 0 && prepared.loaded.config.listeners.webhooks !== undefined;
    if (this.#takesWebhooks) leader?.start([inbox, outbox]);
    await handedOver;
    // By then a later configuration may be in use.
    if (!this.#takesWebhooks) await leader?.stop();
  }

  /** Waits for running handlers and forwards, up to `drainMs`. */
  async stop(drainMs: number): Promise<void> {
    await Promise.all([this.#open?.inbox.stop(drainMs), this.#open?.outbox.stop(drainMs)]);
    await this.#open?.leader?.stop();
  }

  async close(): Promise<void> {
    await this.#open?.state.close();
  }

  async #close(): Promise<void> {
    await this.stop(0);
    await this.close();
    this.#open = undefined;
  }
}

const nameOf = ({ file, redis }: Place): string =>
  redis === undefined ? (file ?? '') : `redis ${redisAddress(redis)}`;

function inboxSettings({ loaded }: Prepared): InboxSettings {
  const { listeners, limits } = loaded.config;
  const { waiting, attempts, rememberMs } = listeners.webhooks ?? INBOX_DEFAULTS;
  return { waiting, attempts, rememberMs, deadlineMs: limits.deadlineMs };
}

function outboxSettings({ loaded }: Prepared): OutboxSettings {
  const { webhooks } = loaded.config.listeners;
  const { waiting, rememberMs } = webhooks ?? INBOX_DEFAULTS;
  return { forwards: new Map(Object.entries(webhooks?.forward ?? {})), waiting, rememberMs };
}
