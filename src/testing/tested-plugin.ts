import type { Container } from 'inversify';
import { z } from 'zod';
import { Application, type Channel, Channels, channelSchema } from '../config/index.js';
import { type EspMessage, EspRequest, KeyValueList, MessageId, type PlainValues } from '../esp/index.js';
import {
  definePlugin,
  type HandlerClass,
  Host,
  type LoadedPlugin,
  methodDefinition,
  type PluginDefinition,
} from '../host/index.js';
import { Records, type State, StateFile } from '../state/index.js';
import { CapturedLogger, type LogLine } from './captured-logger.js';
import { TestSetupError } from './errors.js';
import { FakeClock } from './fake-clock.js';
import { type FakeHttp, fakeHttp } from './fake-http.js';
import { type EspOutcome, outcomeOf } from './outcome.js';
import { receive, type TestWebhook, type WebhookOutcome } from './tested-webhook.js';

/** The application that `testPlugin` and `testMethod` run, unless `application` says otherwise. */
export const DEFAULT_APPLICATION = {
  name: 'DMS',
  type: 171,
  tenant: 'Environment',
  addressing: 'lenient',
} as const satisfies ConstructorParameters<typeof Application>[0];

/** The environment of the plugin under test. */
export interface TestOptions {
  /** `options` of the plugin's entry in config.yaml. @default {} */
  readonly options?: unknown;
  /** `channels` of config.yaml: a map from name to channel. @default none */
  readonly channels?: Readonly<Record<string, ChannelValues>>;
  /** The fake upstreams. @default none: every call is unexpected */
  readonly http?: FakeHttp;
  /** @default DEFAULT_APPLICATION */
  readonly application?: Partial<ConstructorParameters<typeof Application>[0]>;
  /** `limits.deadlineMs`, in ms of `clock`, which only the test advances. @default 10_000 */
  readonly deadlineMs?: number;
}

/** A channel, as in config.yaml. */
export interface ChannelValues {
  readonly type: string;
  /** E.164. */
  readonly phoneNumber?: string;
  readonly [name: string]: unknown;
}

/** Options of a call. */
export interface CallOptions {
  /** @default none */
  readonly userData?: PlainValues | KeyValueList;
  /** The kind of the request's strings, and so of the reply's: `str` is type 0. @default 'str' */
  readonly text?: 'str' | 'utf16';
  /** Aborts when the client disconnects. @default never */
  readonly signal?: AbortSignal;
}

/** What a command of a plugin gave. */
export interface CommandOutcome {
  /** What `--json` prints. */
  readonly result: unknown;
  /** What is printed without it. */
  readonly text: string;
}

/**
 * Starts a plugin as the host would, without sockets.
 *
 * @example
 * const plugin = await testPlugin(billing, { options: { url: 'https://billing.example' }, http: fakeHttp([...]) });
 * @throws TestSetupError if options or channels do not fit their schema; PluginStartError if the plugin does not start
 */
export async function testPlugin(plugin: PluginDefinition, options: TestOptions = {}): Promise<TestedPlugin> {
  const tested = new TestedPlugin(plugin, options);
  await tested.start();
  return tested;
}

/** A plugin behind a real dispatcher: schemas, faults, deadlines and limits are the host's. */
export class TestedPlugin {
  readonly clock = new FakeClock();
  /** Every log line since the start. */
  readonly logs: LogLine[] = [];
  readonly #http: FakeHttp;
  readonly #host: Host;
  readonly #plugin: LoadedPlugin;
  readonly #state = StateFile.inMemory();
  #referenceId = 0;

  /** The records of the plugin, as it gets them from `PluginState`. They are in memory. */
  readonly state: State;

  constructor(plugin: PluginDefinition, { http = fakeHttp(), deadlineMs = 10_000, ...options }: TestOptions) {
    this.#http = http;
    this.state = new Records(this.#state, plugin.name);
    this.#plugin = { use: plugin.name, definition: plugin, options: optionsOf(plugin, options.options) };
    this.#host = new Host({
      application: new Application({ ...DEFAULT_APPLICATION, ...options.application }),
      channels: channelsOf(plugin, options.channels ?? {}),
      plugins: [this.#plugin],
      limits: { deadlineMs, inFlight: 10_000 },
      logger: new CapturedLogger(this.logs),
      clock: this.clock,
      state: this.#state,
      http: (own) => http.over(own),
    });
  }

  /** `testPlugin` calls it. @throws PluginStartError */
  start(): Promise<void> {
    return this.#host.start();
  }

  /** Runs the plugin's `stop`. */
  stop(): Promise<void> {
    return this.#host.stop();
  }

  /**
   * Calls a method as a client would.
   * @param name `Service.Method`
   * @param parameters plain values, or a list for what plain values cannot express
   * @throws UnexpectedCallError if the method called an upstream that has no fake reply
   */
  async call(
    name: string,
    parameters: PlainValues | KeyValueList = {},
    options: CallOptions = {},
  ): Promise<EspOutcome> {
    const request = this.#request(name, parameters, options);
    const { length: logged } = this.logs;
    const { length: called } = this.#http.calls;
    const message = await this.#dispatch(request, options.signal);
    const [unexpected] = this.#http.unexpected.splice(0);
    if (unexpected !== undefined) throw unexpected;
    const logs = this.logs.slice(logged).filter((line) => concerns(line, request.referenceId));
    return outcomeOf(request, message, { logs, upstream: this.#http.calls.slice(called) });
  }

  /**
   * Sends a webhook to the plugin, and handles its events at once.
   * @throws TestSetupError if the plugin has no receiver at the path; what `receive` throws other than WebhookRefusedError
   */
  async post(path: string, webhook: TestWebhook = {}): Promise<WebhookOutcome> {
    const found = this.#host.webhooks.find((one) => one.path === path);
    const known = this.#host.webhooks.map((one) => one.path).join(', ') || 'none';
    if (found === undefined) throw new TestSetupError(`the plugin has no webhooks at ${path}; it has: ${known}`);
    return receive({ webhook: found, state: this.#state }, webhook);
  }

  /**
   * Runs a command of the plugin, with the records in memory.
   * @param name such as `orders list`
   * @throws TestSetupError if the plugin has no such command, or the input does not fit its schema; what the command throws
   */
  async run(name: string, input: Readonly<Record<string, unknown>> = {}): Promise<CommandOutcome> {
    const { definition } = this.#plugin;
    const command = definition.commands?.find((one) => one.name === name);
    const known = definition.commands?.map((one) => one.name).join(', ') || 'none';
    if (command === undefined) throw new TestSetupError(`the plugin has no command '${name}'; it has: ${known}`);
    const values = parsed(`input of command ${name}`, command.input, input) as Record<string, unknown>;
    const { signal } = new AbortController();
    const result = await this.#host.run({
      plugin: this.#plugin,
      command,
      input: values,
      signal,
      phoneNumbers: 'masked',
    });
    return { result, text: command.text(result) };
  }

  #request(name: string, parameters: PlainValues | KeyValueList, { userData, text }: CallOptions): EspRequest {
    const dot = name.lastIndexOf('.');
    if (dot < 0) throw new TypeError(`'${name}' is not of the form Service.Method`);
    const request = KeyValueList.from({ Service: name.slice(0, dot), Method: name.slice(dot + 1) }, text);
    request.add({ key: 'Parameters', type: 'list', value: KeyValueList.from(parameters, text) });
    return new EspRequest({
      messageId: MessageId.Request3rdServer,
      referenceId: ++this.#referenceId,
      request,
      userData: userData === undefined ? undefined : KeyValueList.from(userData, text),
    });
  }

  /** The reply, or undefined if the client disconnected before it. */
  #dispatch(request: EspRequest, signal: AbortSignal | undefined): Promise<EspMessage | undefined> {
    return new Promise((resolve) => {
      const { dispatcher } = this.#host;
      const waiting = dispatcher.dispatch(request, { peer: 'test' }, resolve);
      const gone = (): void => {
        if (waiting !== undefined) dispatcher.abandon(waiting);
        resolve(undefined);
      };
      if (signal?.aborted) gone();
      else signal?.addEventListener('abort', gone);
    });
  }
}

const concerns = ({ fields }: LogLine, referenceId: number | undefined): boolean =>
  fields.referenceId === undefined || fields.referenceId === referenceId;

function optionsOf(plugin: PluginDefinition, options: unknown): unknown {
  if (plugin.options === undefined) return options;
  return parsed(`options of plugin ${plugin.name}`, plugin.options, options ?? {});
}

function channelsOf(plugin: PluginDefinition, channels: Readonly<Record<string, ChannelValues>>): Channels {
  const all = Object.entries(channels).map(([name, values]): Channel => {
    const type = plugin.channels?.find((one) => one.type === values.type);
    const settings = type === undefined ? values : parsed(`channel ${name}`, channelSchema(type, values), values);
    const problem: Channel['problem'] = (...mistakes) =>
      new TestSetupError(mistakes.map(({ path, message }) => `${[name, ...path].join('.')} ${message}`).join('\n'));
    return { name, type: values.type, phoneNumber: values.phoneNumber, settings, problem };
  });
  return new Channels(all);
}

function parsed(what: string, schema: z.ZodType, values: unknown): unknown {
  const result = schema.safeParse(values);
  if (!result.success) throw new TestSetupError(`${what}: ${z.prettifyError(result.error)}`);
  return result.data;
}

/** The parameters of a method, each of which a client may omit. */
export type TestParameters<P extends z.ZodType> =
  z.input<P> extends object ? Partial<z.input<P>> & { readonly _umsChannel?: string } : PlainValues;

/** The environment of the method under test. */
export interface MethodOptions extends Omit<TestOptions, 'options'> {
  /** Binds what the method injects. Its plugin's options are bound to `optionsToken(schema)`. */
  bind?(container: Container): void;
}

/**
 * Starts one method as the host would, without sockets.
 *
 * @example
 * const method = await testMethod(GetBalance, { http: fakeHttp([...]) });
 * expect(await method.call({ Account: '17' })).toBeEspResponse({ Balance: '5 EUR' });
 * @throws TestSetupError if the class has no `@EspMethod`, or a channel does not fit its schema; PluginStartError
 */
export async function testMethod<P extends z.ZodType>(
  method: HandlerClass<P>,
  { bind, ...options }: MethodOptions = {},
): Promise<TestedMethod<P>> {
  const definition = methodDefinition(method);
  if (definition === undefined) throw new TestSetupError(`class ${method.name} has no @EspMethod`);
  const channels = definition.channelType === undefined ? [] : [definition.channelType];
  const plugin = definePlugin({ name: 'test', methods: [method], channels, ...(bind === undefined ? {} : { bind }) });
  return new TestedMethod(`${definition.service}.${definition.method}`, await testPlugin(plugin, options));
}

/** A method in a plugin of its own. */
export class TestedMethod<P extends z.ZodType> {
  constructor(
    /** `Service.Method`. */
    readonly name: string,
    /** The plugin that it runs in, with every log line. */
    readonly plugin: TestedPlugin,
  ) {}

  /** Only the test advances it: deadlines pass when it does. */
  get clock(): FakeClock {
    return this.plugin.clock;
  }

  /**
   * Calls the method as a client would.
   * @param parameters plain values, or a list for what their types do not allow
   * @throws UnexpectedCallError if the method called an upstream that has no fake reply
   */
  call(parameters: TestParameters<P> | KeyValueList, options?: CallOptions): Promise<EspOutcome> {
    return this.plugin.call(this.name, parameters as PlainValues | KeyValueList, options);
  }
}
