import { Inbox, type InboxSettings, Outbox, type OutboxSettings, WebhookMetrics } from '../adapters/webhooks/index.js';
import { INBOX_DEFAULTS } from '../config/index.js';
import { type Host, httpClient, type WebhookObserver } from '../host/index.js';
import { StateError, StateFile } from '../state/index.js';
import type { Metrics, RootLogger } from '../telemetry/index.js';
import type { Change } from './change.js';
import type { Prepared } from './prepare.js';

/** Where the state is kept: in `state.file`, in memory, or in memory if the file cannot be used, as if another host has it. */
export type StatePlace = 'file' | 'memory' | 'file if usable';

/** The state file, and the inbox and outbox of webhooks in it. All generations of a server share them. */
export interface Events {
  readonly state: StateFile;
  readonly inbox: Inbox;
  readonly outbox: Outbox;
  readonly metrics: WebhookMetrics;
}

/** Opens the state file when a configuration first names one. */
export class EventsHolder {
  #open: Events | undefined;
  #file: string | undefined;

  constructor(
    private readonly logger: RootLogger,
    private readonly metrics: Metrics,
    private readonly place: StatePlace = 'file',
    private readonly observer?: WebhookObserver,
  ) {}

  /** @throws ConfigError if the file cannot be used, or differs from the one in use */
  async open(prepared: Prepared, change: Change): Promise<Events | undefined> {
    const { loaded } = prepared;
    const file = loaded.config.state?.file;
    if (this.#open !== undefined) {
      if (file === this.#file) return this.#open;
      throw loaded.problem(['state'], `cannot change while the host runs (it uses ${this.#file}): restart it`);
    }
    if (file === undefined) return undefined;
    try {
      const state = await this.#openState(file);
      const scope = this.metrics.scope();
      change.onUndo(async () => {
        await this.#close();
        scope.close();
      });
      const metrics = new WebhookMetrics(scope);
      const { logger, observer } = this;
      const inbox = new Inbox({ state, metrics, logger, settings: inboxSettings(prepared), observer });
      const outbox = new Outbox({ state, metrics, logger, http: httpClient(scope) });
      this.#open = { state, inbox, outbox, metrics };
      this.#file = file;
      await inbox.start();
      await outbox.start();
      return this.#open;
    } catch (error) {
      throw error instanceof StateError ? loaded.problem(['state', 'file'], error.message) : error;
    }
  }

  /** @throws StateError */
  async #openState(file: string): Promise<StateFile> {
    if (this.place === 'memory') return StateFile.inMemory();
    try {
      return await StateFile.open(file);
    } catch (error) {
      if (this.place === 'file' || !(error instanceof StateError)) throw error;
      this.logger.warn(`the state is kept in memory until the host stops: ${error.message}`);
      return StateFile.inMemory();
    }
  }

  /** Hands webhooks to the plugins of this host. Resolves when the earlier plugins have finished theirs. */
  async use(host: Host, prepared: Prepared): Promise<void> {
    if (this.#open === undefined) return;
    for (const { path } of host.webhooks) this.#open.metrics.receiver(path);
    this.#open.outbox.use(outboxSettings(prepared));
    await this.#open.inbox.use(host.webhooks, inboxSettings(prepared));
  }

  /** Waits for running handlers and forwards, up to `drainMs`. */
  async stop(drainMs: number): Promise<void> {
    await Promise.all([this.#open?.inbox.stop(drainMs), this.#open?.outbox.stop(drainMs)]);
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
