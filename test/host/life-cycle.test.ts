import { describe, expect, it } from '@jest/globals';
import { FakeClock } from 'esp-host/testing';
import { EspRequest } from '../../src/esp/index.js';
import {
  type Finding,
  Host,
  type HostOptions,
  httpClient,
  isPlugin,
  methodDefinition,
  methodName,
  PluginStartError,
} from '../../src/host/index.js';
import {
  Application,
  Channels,
  Container,
  defineChannel,
  defineCommand,
  definePlugin,
  type EspCall,
  EspMethod,
  Http,
  inject,
  type Logger,
  Metrics,
  mockRoute,
  optionsToken,
  type PluginDefinition,
  PluginLogger,
  Webhook,
  z,
} from '../../src/index.js';
import { LogLines } from '../support/log-lines.js';
import { outcome, request } from '../support/raw-client.js';

const any = { parameters: z.object({}), response: z.looseObject({}) };

interface Setting {
  readonly host: Host;
  readonly log: LogLines;
}

function setting(
  plugins: readonly PluginDefinition[],
  options: readonly unknown[] = [],
  more: Partial<HostOptions> = {},
): Setting {
  const log = new LogLines();
  const host = new Host({
    application: new Application({ name: 'DMS', type: 171, tenant: 'Environment', addressing: 'lenient' }),
    channels: new Channels([]),
    plugins: plugins.map((definition, index) => ({ use: definition.name, definition, options: options[index] ?? {} })),
    limits: { deadlineMs: 1000, inFlight: 10 },
    logger: log.logger,
    ...more,
  });
  return { host, log };
}

/** What the host answers to a request, without a socket. */
function ask(host: Host, service: string, method: string): Promise<string> {
  return new Promise((resolve) => {
    host.dispatcher.dispatch(new EspRequest(request(1, service, method)), { peer: 'test' }, (reply) =>
      resolve(outcome(reply)),
    );
  });
}

/** A plugin that records its life cycle, and fails at the given step. */
function noting(
  name: string,
  events: string[],
  fails: 'bind' | 'start' | 'stop' | undefined = undefined,
): PluginDefinition {
  const note = (what: 'bind' | 'start' | 'stop'): void => {
    events.push(`${what} ${name}`);
    if (fails === what) throw new Error(`${name} has no luck`, { cause: new Error('rain') });
  };
  return definePlugin({
    name,
    methods: [],
    bind: () => note('bind'),
    start: async () => note('start'),
    stop: async () => note('stop'),
  });
}

describe('plugins', () => {
  it('start in order, and stop in reverse order', async () => {
    const events: string[] = [];
    const { host } = setting(['a', 'b', 'c'].map((name) => noting(name, events)));
    await host.start();
    await host.stop();
    const starts = ['bind a', 'start a', 'bind b', 'start b', 'bind c', 'start c'];
    expect(events).toEqual([...starts, 'stop c', 'stop b', 'stop a']);
  });

  it('stop once, however often the host is stopped', async () => {
    const events: string[] = [];
    const { host } = setting([noting('a', events)]);
    await host.start();
    await Promise.all([host.stop(), host.stop()]);
    await host.stop();
    expect(events).toEqual(['bind a', 'start a', 'stop a']);
  });

  it.each(['bind', 'start'] as const)('that fail to %s are named, and those before them stop', async (fails) => {
    const events: string[] = [];
    const { host } = setting([
      noting('a', events),
      noting('b', events),
      noting('c', events, fails),
      noting('d', events),
    ]);
    const started = host.start();
    await expect(started).rejects.toThrow(/^plugin c failed to start: c has no luck; cause: rain$/);
    await expect(started).rejects.toBeInstanceOf(PluginStartError);
    await expect(started).rejects.toMatchObject({ code: 'ESP_HOST_PLUGIN_FAILED' });
    expect(events.slice(-3)).toEqual([`${fails} c`, 'stop b', 'stop a']);
    expect(events).not.toContain('bind d');
  });

  it('whose start never ends fail after the timeout, if there is one', async () => {
    const clock = new FakeClock();
    const plugin = { ...noting('a', []), start: () => new Promise<void>(() => undefined) };
    const { host } = setting([plugin], [], { startMs: 500, clock });
    const started = host.start();
    clock.advance(500);
    await expect(started).rejects.toThrow('plugin a failed to start: timed out after 500 ms');
  });

  it('that fail to stop are logged, and the others still stop', async () => {
    const events: string[] = [];
    const { host, log } = setting([noting('a', events), noting('b', events, 'stop'), noting('c', events)]);
    await host.start();
    await host.stop();
    expect(events.slice(-3)).toEqual(['stop c', 'stop b', 'stop a']);
    expect(log.matching(/ERROR plugin b failed to stop: b has no luck; cause: rain$/)).toHaveLength(1);
  });

  it('that take too long to stop are logged, and the others still stop', async () => {
    const events: string[] = [];
    const clock = new FakeClock();
    const stopping = Promise.withResolvers<void>();
    const hangs = definePlugin({
      name: 'b',
      methods: [],
      stop: () => {
        stopping.resolve();
        return new Promise(() => undefined);
      },
    });
    const { host, log } = setting([noting('a', events), hangs, noting('c', events)], [], { clock });
    await host.start();
    const stopped = host.stop();
    await stopping.promise;
    clock.advance(9_999);
    expect([events.at(-1), log.lines]).toEqual(['stop c', []]);
    clock.advance(1);
    await stopped;
    expect(events.at(-1)).toBe('stop a');
    expect(log.matching(/ERROR plugin b did not stop within 10000 ms/)).toHaveLength(1);
    clock.advance(100_000);
    expect(log.lines).toHaveLength(1);
  });

  it('need no bind, start or stop', async () => {
    const { host, log } = setting([definePlugin({ name: 'a', methods: [] })]);
    await host.start();
    await host.stop();
    expect(log.lines).toEqual([]);
  });

  it('whose start takes as long as it likes have no timeout', async () => {
    const clock = new FakeClock();
    const { promise, resolve } = Promise.withResolvers<void>();
    const { host } = setting([{ ...noting('a', []), start: () => promise }], [], { clock });
    const started = host.start();
    clock.advance(1e9);
    resolve();
    await expect(started).resolves.toBeUndefined();
    await host.stop();
  });

  it('have the time of limits.drainMs to stop', async () => {
    const clock = new FakeClock();
    const stopping = Promise.withResolvers<void>();
    const stop = () => {
      stopping.resolve();
      return new Promise<void>(() => undefined);
    };
    const limits = { deadlineMs: 1000, inFlight: 10, drainMs: 50 };
    const { host, log } = setting([definePlugin({ name: 'a', methods: [], stop })], [], { clock, limits });
    await host.start();
    const stopped = host.stop();
    await stopping.promise;
    clock.advance(50);
    await stopped;
    expect(log.lines).toEqual([
      expect.stringMatching(/ERROR plugin a did not stop within 50 ms \(limits\.drainMs\): the host stops without it$/),
    ]);
  });

  it('count their errors from the start, and hide secrets in why they failed', async () => {
    const start = () => {
      throw new Error('no https://me:hunter2@x.example/');
    };
    const { host } = setting([definePlugin({ name: 'a', methods: [], start })]);
    await expect(host.start()).rejects.toThrow('plugin a failed to start: no https://***@x.example/');
    const { host: other } = setting([definePlugin({ name: 'a', methods: [] })]);
    await other.start();
    const text = await other.metrics.text();
    expect(text.match(/^esp_plugin_errors_total\{.*$/gm)?.toSorted()).toEqual([
      'esp_plugin_errors_total{plugin="a"} 0',
      'esp_plugin_errors_total{plugin="unknown"} 0',
    ]);
    await other.stop();
  });

  it('that fail to stop do not hide why another failed to start', async () => {
    const events: string[] = [];
    const { host, log } = setting([noting('a', events, 'stop'), noting('b', events, 'start')]);
    await expect(host.start()).rejects.toThrow('plugin b failed to start: b has no luck');
    expect(log.matching(/plugin a failed to stop/)).toHaveLength(1);
  });
});

it('plugins are recognised by definePlugin', () => {
  const plugin = definePlugin({ name: 'a', methods: [] });
  expect([isPlugin(plugin), isPlugin({ ...plugin })]).toEqual([true, true]);
  expect([{ name: 'a', methods: [] }, null, undefined, 'a', First].map(isPlugin)).toEqual(Array(5).fill(false));
});

class First {
  handle() {
    return {};
  }
}

it('a host that has stopped leaves no gauges and no timers', async () => {
  const metrics = new Metrics();
  const clock = new FakeClock();
  const plugin = definePlugin({
    name: 'a',
    methods: [Waits],
    start: (container) => container.get(Metrics).gauge('orders_open', 'Open orders').set(5),
  });
  const { host, log } = setting([plugin], [], { metrics, clock });
  await host.start();
  expect(await metrics.text()).toMatch(/^orders_open 5$/m);
  host.dispatcher.dispatch(new EspRequest(request(1, 'Test', 'Wait')), { peer: 'test' }, () =>
    log.logger.error('late'),
  );
  await host.stop();
  clock.advance(10_000);
  expect(await metrics.text()).not.toMatch(/^orders_open/m);
  expect(log.lines).toEqual([]);
});

const waiting: (() => void)[] = [];
class Waits {
  handle = () => new Promise<{ Ok?: string }>((resolve) => waiting.push(() => resolve({})));
}
EspMethod('Test', 'Wait', any)(Waits);

describe('the findings of plugins', () => {
  it('come in their order; a check that fails is one', async () => {
    const finding = (about: string): Finding => ({ about, state: 'good', text: 'fine' });
    const { host } = setting([
      definePlugin({
        name: 'a',
        methods: [],
        async *check() {
          yield finding('one');
          throw new Error('no https://me:hunter2@x.example/');
        },
      }),
      definePlugin({ name: 'b', methods: [] }),
      definePlugin({
        name: 'c',
        methods: [],
        async *check() {
          yield finding('two');
        },
      }),
    ]);
    await host.start();
    const findings: Finding[] = [];
    for await (const one of host.check()) findings.push(one);
    expect(findings).toEqual([
      finding('one'),
      {
        about: 'plugin a',
        state: 'trouble',
        text: 'failed to check: no https://***@x.example/',
        advice: 'this is a defect of the plugin: tell its author',
      },
      finding('two'),
    ]);
    await host.stop();
  });
});

describe('methods', () => {
  EspMethod('Test', 'First', any)(First);
  const channelType = defineChannel(z.strictObject({ type: z.literal('sms') }));
  const first = (name: string) => definePlugin({ name, methods: [First] });

  it('are listed in the order of registration', async () => {
    class Second extends First {}
    EspMethod('Another', 'Second', any)(Second);
    const { host } = setting([definePlugin({ name: 'a', methods: [First, Second] })]);
    await host.start();
    expect(host.methods).toEqual(['Test.First', 'Another.Second']);
    await host.stop();
  });

  it('have a name if their class has an @EspMethod', () => {
    expect([methodName(First), methodName(class extends First {})]).toEqual(['Test.First', undefined]);
  });

  it.each([
    ['a channel type', channelType, { channel: 'sms', channelType }],
    ['the name of a channel type', 'sms', { channel: 'sms' }],
    ['no channel', undefined, {}],
  ])('have what @EspMethod says: %s', (_name, channel, more) => {
    class Sent extends First {}
    const said = { ...any, description: 'Sends it.', idempotent: false };
    EspMethod('Test', 'Sent', channel === undefined ? said : { ...said, channel })(Sent);
    expect(methodDefinition(Sent)).toEqual({ service: 'Test', method: 'Sent', ...said, ...more });
  });

  it('that two plugins claim stop the start, and the earlier plugins', async () => {
    const events: string[] = [];
    const { host } = setting([noting('n', events), first('a'), first('b')]);
    await expect(host.start()).rejects.toMatchObject({
      code: 'ESP_HOST_DUPLICATE_METHOD',
      message: 'plugins a and b both claim Test.First: remove one of them',
    });
    expect(events.at(-1)).toBe('stop n');
  });

  it('need a class with its own @EspMethod; that of the base class does not count', async () => {
    class Heir extends First {}
    const { host } = setting([definePlugin({ name: 'a', methods: [Heir] })]);
    await expect(host.start()).rejects.toMatchObject({
      code: 'ESP_HOST_NO_METHOD',
      message: 'plugin a: class Heir has no @EspMethod',
    });
  });

  it('whose class injects something unbound stop the start, with the name of the plugin', async () => {
    const Cache = Symbol('Cache');
    @EspMethod('Test', 'Needy', any)
    class Needy extends First {
      constructor(@inject(Cache) readonly cache: unknown) {
        super();
      }
    }
    const { host } = setting([definePlugin({ name: 'a', methods: [Needy] })]);
    await expect(host.start()).rejects.toThrow(/^plugin a failed to start: .*Cache/s);
  });

  it('whose class injects the options of another schema stop the start', async () => {
    const options = z.object({});
    @EspMethod('Test', 'Other', any)
    class Other extends First {
      constructor(@inject(optionsToken(options)) readonly given: unknown) {
        super();
      }
    }
    const plugin = definePlugin({ name: 'a', methods: [Other], options: z.object({}) });
    await expect(setting([plugin]).host.start()).rejects.toThrow(/^plugin a failed to start: .*options of the plugin/s);
    await expect(setting([{ ...plugin, options }]).host.start()).resolves.toBeUndefined();
  });

  it('name themselves if a list cannot hold their response', () => {
    const response = z.object({ At: z.date() as unknown as z.ZodString });
    expect(() => EspMethod('Test', 'Do', { parameters: z.object({}), response })).toThrow(
      '@EspMethod Test.Do: response key At: a key-value list cannot hold a Date',
    );
  });

  it.each([
    ['', 'First'],
    ['Test', ''],
  ])('need a service and a method name: %j, %j', (service, method) => {
    expect(() => EspMethod(service, method, any)).toThrow(
      expect.objectContaining({
        code: 'ESP_HOST_INVALID_PLUGIN',
        message: '@EspMethod needs a service and a method name',
      }),
    );
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 31])('need a deadline that a timer can have, not %j', (deadlineMs) => {
    expect(() => EspMethod('Test', 'Do', { ...any, deadlineMs })).toThrow(
      expect.objectContaining({
        code: 'ESP_HOST_INVALID_PLUGIN',
        message: `@EspMethod Test.Do: deadlineMs must be an integer from 1 to 2147483647, not ${deadlineMs}`,
      }),
    );
    for (const ms of [1, 0x7fffffff, undefined]) EspMethod('Test', 'Do', { ...any, deadlineMs: ms });
  });

  it.each([
    [{ name: '', methods: [] }, 'definePlugin needs a name'],
    [{ name: 'a', methods: undefined }, 'definePlugin of a needs methods: a list of classes with @EspMethod'],
    [{ name: 'a', methods: ['First'] }, 'definePlugin of a needs methods: a list of classes with @EspMethod'],
  ])('need a plugin with a name and a list of classes: %j', (definition, message) => {
    expect(() => Reflect.apply(definePlugin, undefined, [definition])).toThrow(
      expect.objectContaining({ code: 'ESP_HOST_INVALID_PLUGIN', message }),
    );
  });

  it('are created once, at the start', async () => {
    let built = 0;
    @EspMethod('Test', 'Counted', any)
    class Counted extends First {
      constructor() {
        super();
        built++;
      }
    }
    const { host } = setting([definePlugin({ name: 'a', methods: [Counted] })]);
    await host.start();
    expect(built).toBe(1);
    await ask(host, 'Test', 'Counted');
    await ask(host, 'Test', 'Counted');
    expect(built).toBe(1);
    await host.stop();
  });

  it('can be bound by their plugin', async () => {
    class Built {
      handle(_call: EspCall) {
        return { From: 'the plugin' };
      }
    }
    EspMethod('Test', 'Built', any)(Built);
    const bind = (container: Container) => container.bind(Built).toConstantValue(new Built());
    const { host } = setting([
      definePlugin({ name: 'a', methods: [Built], bind: (container) => void bind(container) }),
    ]);
    await host.start();
    expect(await ask(host, 'Test', 'Built')).toBe('{"From":"the plugin"}');
    await host.stop();
  });
});

describe("a plugin's container", () => {
  const Shared = Symbol('Shared');

  it('does not see what another binds', async () => {
    const seen: unknown[] = [];
    const one = definePlugin({
      name: 'one',
      methods: [],
      bind: (container) => void container.bind(Shared).toConstantValue('of one'),
      start: (container) => void seen.push(container.isBound(Shared), container.get(Shared)),
    });
    const two = definePlugin({
      name: 'two',
      methods: [],
      start: (container) => void seen.push(container.isBound(Shared)),
    });
    const { host } = setting([one, two]);
    await host.start();
    expect(seen).toEqual([true, 'of one', false]);
    await host.stop();
  });

  it("has the plugin's own options and logger, and what the host provides to all", async () => {
    const options = z.object({ a: z.int() });
    const seen: Record<string, Container> = {};
    const plugin = (name: string) =>
      definePlugin({
        name,
        methods: [],
        options,
        start: (container) => {
          seen[name] = container;
          container.get<Logger>(PluginLogger).info('started');
        },
      });
    const { host, log } = setting([plugin('one'), plugin('two')], [{ a: 1 }, { a: 2 }]);
    await host.start();
    expect(seen.one?.get(optionsToken(options))).toEqual({ a: 1 });
    expect(seen.two?.get(optionsToken(options))).toEqual({ a: 2 });
    for (const token of [Application, Channels, Metrics, Http]) {
      expect(seen.one?.get(token as typeof Http)).toBe(seen.two?.get(token as typeof Http));
    }
    expect(seen.one?.get(Application).name).toBe('DMS');
    expect(seen.one?.get(Metrics)).toBe(host.metrics);
    expect(log.matching(/started plugin=(one|two)$/)).toHaveLength(2);
    await host.stop();
  });

  it('has the HTTP client that replaces that of the host', async () => {
    const made = httpClient(new Metrics());
    const seen: unknown[] = [];
    const plugin = definePlugin({ name: 'a', methods: [], start: (container) => void seen.push(container.get(Http)) });
    const { host } = setting([plugin], [], {
      http: (own) => {
        seen.push(own);
        return made;
      },
    });
    await host.start();
    expect(seen).toEqual([expect.any(Function), made]);
    await host.stop();
  });

  it('can override what the host provides, for itself alone', async () => {
    const own = new Metrics();
    const seen: unknown[] = [];
    const note = (container: Container) => void seen.push(container.get(Metrics));
    const { host } = setting([
      definePlugin({
        name: 'one',
        methods: [],
        bind: (container) => void container.bind(Metrics).toConstantValue(own),
        start: note,
      }),
      definePlugin({ name: 'two', methods: [], start: note }),
    ]);
    await host.start();
    expect(seen).toEqual([own, host.metrics]);
    await host.stop();
  });
});

describe('the webhooks of plugins', () => {
  class Orders {
    receive = () => [];
    handle = () => undefined;
  }
  Webhook('/webhooks/orders')(Orders);
  const webhooks = (name: string, more: Partial<PluginDefinition> = {}) =>
    definePlugin({ name, methods: [], webhooks: [Orders], ...more });

  it('have a receiver each, with a logger that names plugin and path', async () => {
    const { host, log } = setting([webhooks('a')]);
    await host.start();
    const [{ logger, ...webhook }] = host.webhooks as readonly [(typeof host.webhooks)[number]];
    expect([host.webhooks.length, webhook]).toEqual([
      1,
      { path: '/webhooks/orders', plugin: 'a', receiver: expect.any(Orders) },
    ]);
    logger.info('here');
    expect(log.matching(/here plugin=a webhook=\/webhooks\/orders$/)).toHaveLength(1);
    await host.stop();
  });

  it('can be bound by their plugin, and are created once', async () => {
    const own = new Orders();
    const containers: Container[] = [];
    const { host } = setting([
      webhooks('a', { bind: (container) => void container.bind(Orders).toConstantValue(own) }),
      webhooks('b', { start: (container) => void containers.push(container) }),
    ]);
    await host.start();
    expect(host.webhooks[0]?.receiver).toBe(own);
    expect(host.webhooks[1]?.receiver).toBe(containers[0]?.get(Orders));
    await host.stop();
  });

  it('need a class with its own @Webhook', async () => {
    class Heir extends Orders {}
    const { host } = setting([definePlugin({ name: 'a', methods: [], webhooks: [Heir] })]);
    await expect(host.start()).rejects.toMatchObject({
      code: 'ESP_HOST_NO_WEBHOOK',
      use: 'a',
      message: 'plugin a: class Heir has no @Webhook',
    });
  });
});

describe('the pages of plugins', () => {
  it('are imported once, with the container of their plugin', async () => {
    let imports = 0;
    const state = mockRoute({ method: 'GET', path: '', summary: 'Show it.', answer: z.object({}), handle: () => ({}) });
    const panel = async () => {
      imports++;
      return {
        default: (container: Container) => ({ title: container.get(Application).name, state, sections: [] }),
      };
    };
    const { host } = setting([
      definePlugin({ name: 'a', methods: [] }),
      definePlugin({ name: 'b', methods: [], panel }),
    ]);
    await host.start();
    expect(await host.panels()).toEqual([{ plugin: 'b', panel: { title: 'DMS', state, sections: [] } }]);
    expect(await host.panels()).toBe(await host.panels());
    expect(imports).toBe(1);
    await host.stop();
  });
});

describe('a command of a plugin', () => {
  const Suffix = Symbol('Suffix');
  const command = defineCommand({
    name: 'orders',
    summary: 'Show orders.',
    input: z.strictObject({ of: z.string() }),
    run: ({ input, container, maskPhoneNumbers }) => maskPhoneNumbers(`${input.of}${container.get(Suffix)}`),
    text: (result) => result,
  });
  const stateful = defineCommand({ ...command, input: z.strictObject({}), run: ({ state }) => state, text: String });
  const plugin = {
    use: 'a',
    options: {},
    definition: definePlugin({
      name: 'a',
      methods: [],
      bind: (container) => void container.bind(Suffix).toConstantValue('!'),
      start: () => {
        throw new Error('it has started');
      },
    }),
  };
  const run = (phoneNumbers: 'masked' | 'shown', input = { of: '+4915112345678' }, which = command) =>
    setting([]).host.run({ plugin, command: which, input, signal: new AbortController().signal, phoneNumbers });

  it('gets its input, and the container of the plugin, which has not started', async () => {
    expect(await run('shown')).toBe('+4915112345678!');
  });

  it('masks phone numbers unless the log shows them', async () => {
    expect(await run('masked')).not.toContain('4915112345678');
  });

  it('has no state if the configuration has none', async () => {
    await expect(run('masked', { of: '' }, stateful)).rejects.toMatchObject({
      code: 'ESP_HOST_COMMAND_FAILED',
      message: 'the configuration has no state: set state',
    });
  });
});

it('the dispatcher is idle when no request is pending', async () => {
  waiting.length = 0;
  const { host } = setting([definePlugin({ name: 'a', methods: [Waits] })]);
  await host.start();
  const { dispatcher } = host;
  await dispatcher.idle();
  const replies = [ask(host, 'Test', 'Wait'), ask(host, 'Test', 'Wait')];
  let isIdle = false;
  const idle = dispatcher.idle().then(() => {
    isIdle = true;
  });
  waiting[0]?.();
  await replies[0];
  expect([isIdle, dispatcher.inFlight]).toEqual([false, 1]);
  waiting[1]?.();
  await idle;
  expect([await replies[1], dispatcher.inFlight]).toEqual(['{}', 0]);
  await host.stop();
});
