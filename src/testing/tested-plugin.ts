import { z } from 'zod';
import { Application, type Channel, Channels } from '../config/index.js';
import { type EspMessage, EspRequest, KeyValueList, MessageId, type PlainValues } from '../esp/index.js';
import type { PluginDefinition } from '../host/index.js';
import { Host } from '../host/index.js';
import { CapturedLogger, type LogLine } from './captured-logger.js';
import { FakeClock } from './fake-clock.js';
import { type FakeHttp, fakeHttp } from './fake-http.js';
import { type EspOutcome, outcomeOf } from './outcome.js';

/** The world around what is tested. */
export interface TestOptions {
  /** `options` of the plugin's entry in config.yaml. */
  readonly options?: unknown;
  /** `channels` of config.yaml: a map from name to channel. */
  readonly channels?: Readonly<Record<string, ChannelValues>>;
  /** The upstreams; without them every call is unexpected. */
  readonly http?: FakeHttp;
  readonly application?: Partial<ConstructorParameters<typeof Application>[0]>;
  /** 10000, unless given; it passes when `clock` is advanced. */
  readonly deadlineMs?: number;
}

export interface ChannelValues {
  readonly type: string;
  readonly phoneNumber?: string;
  readonly [name: string]: unknown;
}

export interface CallOptions {
  readonly userData?: PlainValues | KeyValueList;
  /** The kind of the request's strings, and so of the reply's: `str` (type 0) unless given. */
  readonly text?: 'str' | 'utf16';
  /** Aborts when the client goes. */
  readonly signal?: AbortSignal;
}

/** Starts a plugin as the host would, without sockets. @throws TypeError for options and channels that do not fit */
export async function testPlugin(plugin: PluginDefinition, options: TestOptions = {}): Promise<TestedPlugin> {
  const tested = new TestedPlugin(plugin, options);
  await tested.start();
  return tested;
}

/** A plugin behind a real dispatcher: schemas, faults, deadlines and limits are the host's. */
export class TestedPlugin {
  readonly clock = new FakeClock();
  /** Everything that was logged since the start. */
  readonly logs: LogLine[] = [];
  readonly #http: FakeHttp;
  readonly #host: Host;
  #referenceId = 0;

  constructor(plugin: PluginDefinition, { http = fakeHttp(), deadlineMs = 10_000, ...options }: TestOptions) {
    this.#http = http;
    const application = { name: 'DMS', type: 171, tenant: 'Environment', addressing: 'lenient' } as const;
    this.#host = new Host({
      application: new Application({ ...application, ...options.application }),
      channels: channelsOf(plugin, options.channels ?? {}),
      plugins: [{ use: plugin.name, definition: plugin, options: optionsOf(plugin, options.options) }],
      limits: { deadlineMs, inFlight: 10_000 },
      logger: new CapturedLogger(this.logs),
      clock: this.clock,
      http: (own) => http.over(own),
    });
  }

  /** @throws PluginStartError */
  start(): Promise<void> {
    return this.#host.start();
  }

  /** Runs the plugin's `stop`. */
  stop(): Promise<void> {
    return this.#host.stop();
  }

  /**
   * Asks a method, with what a client would send: plain values, or a list for what they cannot say.
   * @throws UnexpectedCall where it called an upstream that has no declared reply
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

  #request(name: string, parameters: PlainValues | KeyValueList, { userData, text }: CallOptions): EspRequest {
    const dot = name.lastIndexOf('.');
    if (dot < 0) throw new TypeError(`'${name}' is no Service.Method`);
    const request = KeyValueList.from({ Service: name.slice(0, dot), Method: name.slice(dot + 1) }, text);
    request.add({ key: 'Parameters', type: 'list', value: KeyValueList.from(parameters, text) });
    return new EspRequest({
      messageId: MessageId.Request3rdServer,
      referenceId: ++this.#referenceId,
      request,
      userData: userData === undefined ? undefined : KeyValueList.from(userData, text),
    });
  }

  /** The reply; undefined where the client went before it. */
  #dispatch(request: EspRequest, signal: AbortSignal | undefined): Promise<EspMessage | undefined> {
    return new Promise((resolve) => {
      const { dispatcher } = this.#host;
      const waiting = dispatcher.dispatch(request, { peer: 'test' }, resolve);
      const gone = (): void => {
        if (waiting !== undefined) dispatcher.abandon(waiting);
        resolve(undefined);
      };
      if (signal?.aborted) gone();
      else signal?.addEventListener('abort', gone, { once: true });
    });
  }
}

const concerns = ({ fields }: LogLine, referenceId: number | undefined): boolean =>
  fields.referenceId === undefined || fields.referenceId === referenceId;

function optionsOf(plugin: PluginDefinition, options: unknown): unknown {
  if (plugin.options === undefined) return options;
  return checked(`options of plugin ${plugin.name}`, plugin.options, options ?? {});
}

function channelsOf(plugin: PluginDefinition, channels: Readonly<Record<string, ChannelValues>>): Channels {
  const all = Object.entries(channels).map(([name, values]): Channel => {
    const schema = plugin.channels?.find(({ type }) => type === values.type)?.schema;
    const settings = schema === undefined ? values : checked(`channel ${name}`, schema, values);
    return { name, type: values.type, phoneNumber: values.phoneNumber, settings };
  });
  return new Channels(all);
}

function checked(what: string, schema: z.ZodType, values: unknown): unknown {
  const result = schema.safeParse(values);
  if (!result.success) throw new TypeError(`${what}: ${z.prettifyError(result.error)}`);
  return result.data;
}
