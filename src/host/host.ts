import 'reflect-metadata';
import type { Got } from 'got';
import { Container } from 'inversify';
import { Application, Channels } from '../config/index.js';
import { Records, type StateStore } from '../state/index.js';
import {
  type Clock,
  errorText,
  type LabelledCounter,
  Metrics,
  maskPhoneNumbers,
  maskSecrets,
  type RootLogger,
} from '../telemetry/index.js';
import type { PluginCommand } from './command.js';
import { withTimeout } from './deadlines.js';
import { Dispatcher, type DispatchLimits } from './dispatcher.js';
import { CommandFailedError, PluginStartError, TimeoutError } from './errors.js';
import { httpClient } from './http.js';
import { type EspMethodHandler, type HandlerClass, methodDefinition } from './method.js';
import type { MockPanel } from './mock.js';
import { type HostObserver, Observation } from './observer.js';
import { type Finding, Http, optionsToken, type PluginDefinition, PluginLogger, PluginState } from './plugin.js';
import { type ReadyWebhook, type WebhookClass, webhookPath } from './webhook.js';

/** A plugin with its checked options. */
export interface LoadedPlugin {
  /** `use` in config.yaml, for messages. */
  readonly use: string;
  readonly definition: PluginDefinition;
  readonly options: unknown;
}

export interface HostLimits extends DispatchLimits {
  /** Timeout for the `stop` of a plugin. @default 10000 */
  readonly drainMs?: number;
}

export interface HostOptions {
  readonly application: Application;
  readonly channels: Channels;
  readonly plugins: readonly LoadedPlugin[];
  readonly limits: HostLimits;
  readonly logger: RootLogger;
  readonly metrics?: Metrics;
  readonly observer?: HostObserver;
  /** Where the plugins keep records. @default they have none */
  readonly state?: StateStore | undefined;
  /** Timeout in ms for the `start` of a plugin. @default no timeout */
  readonly startMs?: number;
  /** For deadlines, timeouts and the log of faults. @default the clock of the machine */
  readonly clock?: Clock;
  /** Replaces the host's HTTP client. */
  readonly http?: (own: Got) => Got;
}

/** Counts errors of plugins that no reply can report. @param plugin undefined if unknown */
export function pluginErrors(metrics: Metrics, plugin = 'unknown'): LabelledCounter {
  const help =
    'Uncaught exceptions, unhandled rejections and calls of process.exit, by plugin (unknown: the stack shows no plugin)';
  return metrics.counter('esp_plugin_errors_total', help, { plugin });
}

/** What `Host.run` runs. */
export interface CommandRun {
  readonly plugin: LoadedPlugin;
  readonly command: PluginCommand;
  /** As the schema of the command has parsed it. */
  readonly input: Record<string, unknown>;
  readonly signal: AbortSignal;
  /** `logging.phoneNumbers`. */
  readonly phoneNumbers: 'masked' | 'shown';
}

/** A page of the console, and the plugin that brings it. */
export interface OwnedPanel {
  readonly plugin: string;
  readonly panel: MockPanel;
}

interface Running {
  readonly plugin: LoadedPlugin;
  readonly container: Container;
}

/** The container with its plugins. Creates all handlers at the start, so that requests only look them up. */
export class Host {
  readonly dispatcher: Dispatcher;
  readonly metrics: Metrics;
  readonly #container = new Container();
  readonly #running: Running[] = [];
  readonly #owners = new Map<string, string>();
  readonly #webhooks: ReadyWebhook[] = [];
  #panels: Promise<readonly OwnedPanel[]> | undefined;
  readonly #observation: Observation | undefined;

  constructor(private readonly options: HostOptions) {
    this.metrics = (options.metrics ?? new Metrics()).scope();
    const { observer } = options;
    if (observer !== undefined) this.#observation = new Observation(observer);
    const own = httpClient(this.metrics);
    const asked = options.http?.(own) ?? own;
    const http = this.#observation?.http(asked) ?? asked;
    this.dispatcher = new Dispatcher({ ...options, metrics: this.metrics, http });
    this.#container.bind(Application).toConstantValue(options.application);
    this.#container.bind(Channels).toConstantValue(options.channels);
    this.#container.bind(Metrics).toConstantValue(this.metrics);
    this.#container.bind(Http).toConstantValue(http);
  }

  /** `Service.Method` of every registered method, in order of registration. */
  get methods(): string[] {
    return [...this.#owners.keys()];
  }

  /** The receivers of webhooks. */
  get webhooks(): readonly ReadyWebhook[] {
    return this.#webhooks;
  }

  /** Starts the plugins in order. If one fails, stops those before it. @throws PluginStartError */
  async start(): Promise<void> {
    pluginErrors(this.metrics);
    for (const plugin of this.options.plugins) {
      try {
        await this.#startPlugin(plugin);
      } catch (error) {
        await this.stop();
        throw startFailed(plugin, error);
      }
    }
  }

  /** Stops the plugins in reverse order. One that fails, or times out, does not keep the others from stopping. */
  async stop(): Promise<void> {
    this.dispatcher.close();
    for (const running of this.#running.splice(0).reverse()) await this.#stopPlugin(running);
    this.metrics.close();
  }

  /** The findings of the started plugins. A check that fails is a finding too. */
  async *check(): AsyncGenerator<Finding> {
    for (const { plugin, container } of this.#running) {
      try {
        yield* plugin.definition.check?.(container) ?? [];
      } catch (error) {
        const about = `plugin ${plugin.definition.name}`;
        const advice = 'this is a defect of the plugin: tell its author';
        yield { about, state: 'trouble', text: `failed to check: ${maskSecrets(errorText(error))}`, advice };
      }
    }
  }

  /** Runs a command of a plugin that has not started. @throws what the command throws */
  async run({ plugin, command, input, signal, phoneNumbers }: CommandRun): Promise<unknown> {
    const container = this.#containerOf(plugin);
    const { state } = this.options;
    const records = state === undefined ? undefined : new Records(state, plugin.definition.name);
    return command.run({
      input,
      container,
      signal,
      maskPhoneNumbers: phoneNumbers === 'shown' ? (text) => text : maskPhoneNumbers,
      get state() {
        if (records === undefined) throw new CommandFailedError('the configuration has no state: set state');
        return records;
      },
    });
  }

  /** The pages that the started plugins bring for the console of the mock platform. @throws what a plugin throws */
  panels(): Promise<readonly OwnedPanel[]> {
    this.#panels ??= this.#makePanels();
    return this.#panels;
  }

  async #makePanels(): Promise<OwnedPanel[]> {
    const panels = this.#running.map(async ({ plugin: { definition }, container }) => {
      const imported = await definition.panel?.();
      return imported === undefined ? [] : [{ plugin: definition.name, panel: imported.default(container) }];
    });
    return (await Promise.all(panels)).flat();
  }

  async #stopPlugin({ plugin: { definition }, container }: Running): Promise<void> {
    const { limits, logger, clock } = this.options;
    const { drainMs = 10_000 } = limits;
    try {
      await withTimeout(definition.stop?.(container), drainMs, clock);
    } catch (error) {
      const why =
        error instanceof TimeoutError
          ? `did not stop within ${drainMs} ms (limits.drainMs): the host stops without it`
          : `failed to stop: ${errorText(error)}`;
      logger.error(`plugin ${definition.name} ${why}`);
    }
  }

  /** The container of a plugin, after its `bind`. */
  #containerOf({ definition, options: given }: LoadedPlugin): Container {
    const container = new Container({ parent: this.#container });
    const { options } = definition;
    if (options !== undefined) container.bind(optionsToken(options)).toConstantValue(given);
    const { state, logger } = this.options;
    container.bind(PluginLogger).toConstantValue(logger.child({ plugin: definition.name }));
    if (state !== undefined) container.bind(PluginState).toConstantValue(new Records(state, definition.name));
    definition.bind?.(container);
    return container;
  }

  async #startPlugin(plugin: LoadedPlugin): Promise<void> {
    const { definition } = plugin;
    pluginErrors(this.metrics, definition.name);
    const container = this.#containerOf(plugin);
    for (const handler of definition.methods) this.#addMethod(plugin, handler, container);
    for (const receiver of definition.webhooks ?? []) this.#addWebhook(plugin, receiver, container);
    await withTimeout(definition.start?.(container), this.options.startMs, this.options.clock);
    this.#running.push({ plugin, container });
  }

  #addMethod(plugin: LoadedPlugin, handler: HandlerClass, container: Container): void {
    const definition = methodDefinition(handler);
    const { name } = plugin.definition;
    if (definition === undefined) {
      const message = `plugin ${name}: class ${handler.name} has no @EspMethod`;
      throw new PluginStartError('ESP_HOST_NO_METHOD', plugin.use, message);
    }
    const method = `${definition.service}.${definition.method}`;
    const owner = this.#owners.get(method);
    if (owner !== undefined) {
      const message = `plugins ${owner} and ${name} both claim ${method}: remove one of them`;
      throw new PluginStartError('ESP_HOST_DUPLICATE_METHOD', plugin.use, message);
    }
    this.#owners.set(method, name);
    if (!container.isBound(handler)) container.bind(handler).toSelf().inSingletonScope();
    // Its calls come with parameters that the schema of its own decorator has parsed.
    const ready = container.get(handler) as EspMethodHandler;
    this.dispatcher.register(definition, this.#observation?.handler(ready) ?? ready);
  }

  #addWebhook({ use, definition: { name } }: LoadedPlugin, receiver: WebhookClass, container: Container): void {
    const path = webhookPath(receiver);
    if (path === undefined) {
      const message = `plugin ${name}: class ${receiver.name} has no @Webhook`;
      throw new PluginStartError('ESP_HOST_NO_WEBHOOK', use, message);
    }
    if (!container.isBound(receiver)) container.bind(receiver).toSelf().inSingletonScope();
    const logger = this.options.logger.child({ plugin: name, webhook: path });
    this.#webhooks.push({ path, plugin: name, receiver: container.get(receiver), logger });
  }
}

function startFailed({ use, definition }: LoadedPlugin, error: unknown): PluginStartError {
  if (error instanceof PluginStartError) return error;
  const message = `plugin ${definition.name} failed to start: ${maskSecrets(errorText(error))}`;
  return new PluginStartError('ESP_HOST_PLUGIN_FAILED', use, message, { cause: error });
}
