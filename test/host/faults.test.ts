import { afterEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from 'esp-host/testing';
import { EspRequest } from '../../src/esp/index.js';
import {
  ConnectionFailedError,
  EspFault,
  EspResponse,
  ExecutionFailedError,
  IncorrectParameterError,
  KeyValueList,
  z,
} from '../../src/index.js';
import { type HostSetup, pluginOf, TestHost } from '../support/esp-host.js';
import { outcome, type RawClient, request } from '../support/raw-client.js';

let host: TestHost | undefined;
afterEach(() => host?.stop());

/** What a host of this setup answers to a request, over a socket. */
async function ask(setup: HostSetup, ...asked: Parameters<typeof request>): Promise<string> {
  host = await TestHost.start(setup);
  return outcome(await (await host.client()).ask(request(...asked)));
}

const throwing = (error: unknown): HostSetup => ({
  plugins: [
    pluginOf('Messaging', 'ValidateContact', async () => {
      throw error;
    }),
  ],
});

const typed = pluginOf('Test', 'Typed', () => ({}), {
  parameters: z.object({
    Id: z.string().regex(/\d/, 'no digits'),
    Count: z.int().optional(),
    Kind: z.enum(['a', 'b']).optional(),
    Nested: z.object({ Name: z.string() }).optional(),
  }),
});

const whatsapp = (name: string) => ({ name, type: 'whatsapp', phoneNumber: '+919876543210', settings: {} });
const onChannel = pluginOf('Test', 'OnChannel', (call) => ({ Channel: call.channel.name }), { channel: 'whatsapp' });

describe('701', () => {
  const text = '701 Request is invalid: Service or Method name was not specified...';
  it('for an empty Service', async () => expect(await ask({}, 1, '', 'Foo')).toBe(text));
  it('for an empty Method', async () => expect(await ask({}, 1, 'Messaging', '')).toBe(text));

  it.each([
    ['', 'Foo', 'Service'],
    ['Messaging', '', 'Method'],
    ['', '', 'Service and Method'],
  ])('says in the log what is missing: Service %j, Method %j', async (service, method, missing) => {
    expect(await ask({}, 1, service, method)).toBe(text);
    const line = await host?.log.line(/code=701/);
    expect(line).toContain(`not specified... (missing, empty or not a string: ${missing}) referenceId=1`);
  });

  it('for a Service that is not a string, and without a Request list', async () => {
    host = await TestHost.start();
    const client = await host.client();
    const list = KeyValueList.from({ Service: 5, Method: 'Foo' });
    expect(outcome(await client.ask({ messageId: 500, referenceId: 1, request: list, userData: undefined }))).toBe(
      text,
    );
    expect(outcome(await client.ask({ messageId: 500, referenceId: 2, request: undefined, userData: undefined }))).toBe(
      text,
    );
    await host.log.line(/no Request list/);
  });
});

describe('902', () => {
  it('for an unknown service', async () =>
    expect(await ask({ plugins: [typed] }, 1, 'Billing', 'Foo')).toBe('902 Billing unknown service'));
  it('for an unknown method', async () =>
    expect(await ask({ plugins: [typed] }, 1, 'Test', 'Foo')).toBe('902 Test.Foo unknown method'));

  it.each([
    ['another AppName', { AppName: 'Other' }, '902 Other unknown application'],
    ['another AppName, whatever the type', { AppName: 'Other', AppType: 171 }, '902 Other unknown application'],
    ['another AppType', { AppType: 23 }, '902 23 unknown application'],
    ['another AppType by name', { AppType: 'Chat Server' }, '902 Chat Server unknown application'],
    ['the AppName', { AppName: 'DMS', AppType: 23 }, '{"Channel":"whatsapp"}'],
    ['the type as an int', { AppType: 171 }, '{"Channel":"whatsapp"}'],
    ['the type as a number in a string', { AppType: '171' }, '{"Channel":"whatsapp"}'],
    ['the name of the type', { AppType: 'SocialMS' }, '{"Channel":"whatsapp"}'],
    ['neither', {}, '{"Channel":"whatsapp"}'],
  ])('with strict addressing: %s', async (_name, target, expected) => {
    const setup: HostSetup = { addressing: 'strict', plugins: [onChannel], channels: [whatsapp('whatsapp')] };
    expect(await ask(setup, 1, 'Test', 'OnChannel', {}, target)).toBe(expected);
  });

  it('not with lenient addressing: the request is answered, with one warning per client', async () => {
    const clock = new FakeClock();
    host = await TestHost.start({ clock, plugins: [pluginOf('Test', 'Ok', () => ({}))] });
    const ask = async (client: RawClient, AppName: string): Promise<void> =>
      expect(outcome(await client.ask(request(1, 'Test', 'Ok', {}, { AppName })))).toBe('{}');
    const [one, two] = [await host.client(), await host.client()];
    for (const client of [one, one]) await ask(client, 'Other');
    const told = /DMS answers a request for Other/;
    expect(host.log.matching(told)).toHaveLength(1);
    clock.advance(1000);
    await ask(one, 'Other');
    expect(host.log.matching(told)).toHaveLength(1);
    await ask(two, 'Other');
    expect(host.log.matching(told)).toHaveLength(2);
  });

  it('limits these warnings, and the length of each name', async () => {
    const clock = new FakeClock();
    host = await TestHost.start({ clock, plugins: [pluginOf('Test', 'Ok', () => ({}))] });
    const client = await host.client();
    const names = Array.from({ length: 400 }, (_, index) => `${index}${'x'.repeat(10_000)}`);
    for (const AppName of names) await client.ask(request(1, 'Test', 'Ok', {}, { AppName }));
    clock.advance(1000);
    const lines = host.log.matching(/DMS answers a request for/);
    expect(lines.map((line) => /times=\d+/.exec(line)?.[0])).toEqual([undefined, 'times=9']);
    for (const line of lines) expect(line.length).toBeLessThan(500);
  });
});

describe('904', () => {
  it.each([
    [{}, 'Id: missing'],
    [{ Id: 5 }, 'Id: not a string'],
    [{ Id: 'abc' }, 'Id: no digits'],
    [{ Id: '1', Count: 'many' }, 'Count: not an int'],
    [{ Id: '1', Kind: 'c' }, 'Kind: not one of a, b'],
    [{ Id: '1', Nested: 'x' }, 'Nested: not a list'],
    [{ Id: '1', Nested: {} }, 'Nested.Name: missing'],
  ])('for parameters %j', async (parameters, why) => {
    expect(await ask({ plugins: [typed] }, 1, 'Test', 'Typed', parameters)).toBe(`904 Test.Typed incorrect ${why}`);
  });

  it('for Parameters that are not a list', async () => {
    host = await TestHost.start({ plugins: [typed] });
    const list = KeyValueList.from({ Service: 'Test', Method: 'Typed', Parameters: 'x' });
    const reply = await (await host.client()).ask({
      messageId: 500,
      referenceId: 1,
      request: list,
      userData: undefined,
    });
    expect(outcome(reply)).toBe('904 Test.Typed incorrect Parameters: not a list');
  });

  it('if the handler throws it', async () =>
    expect(
      await ask(throwing(new IncorrectParameterError('Id', 'no such customer')), 1, 'Messaging', 'ValidateContact'),
    ).toBe('904 Messaging.ValidateContact incorrect Id: no such customer'));

  it.each([
    ['unknown', [whatsapp('a')], { _umsChannel: 'x' }, "904 Test.OnChannel incorrect _umsChannel: no channel 'x'"],
    [
      'of another type',
      [whatsapp('a'), { ...whatsapp('x'), type: 'sms' }],
      { _umsChannel: 'x' },
      "904 Test.OnChannel incorrect _umsChannel: no channel 'x'",
    ],
    [
      'needed',
      [whatsapp('a'), whatsapp('b')],
      {},
      '904 Test.OnChannel incorrect _umsChannel: needed, 2 channels are configured',
    ],
    ['no string', [whatsapp('a')], { _umsChannel: 7 }, '904 Test.OnChannel incorrect _umsChannel: not a string'],
    ['omitted if there is only one', [whatsapp('a')], {}, '{"Channel":"a"}'],
    ["named with DMS's prefix", [whatsapp('a'), whatsapp('b')], { _umsChannel: 'channel-b' }, '{"Channel":"b"}'],
    [
      'configured with the prefix',
      [whatsapp('a'), whatsapp('channel-b')],
      { _umsChannel: 'b' },
      '{"Channel":"channel-b"}',
    ],
  ])('for a channel: %s', async (_name, channels, parameters, expected) => {
    expect(await ask({ plugins: [onChannel], channels }, 1, 'Test', 'OnChannel', parameters)).toBe(expected);
  });
});

describe('901 and 920 from a channel', () => {
  it('901 if its upstream cannot be reached; the log says why', async () => {
    const error = new ConnectionFailedError('whatsapp', 'http://127.0.0.1:9090', { cause: new Error('refused') });
    expect(await ask(throwing(error), 1, 'Messaging', 'ValidateContact')).toBe(
      '901 whatsapp connection with http://127.0.0.1:9090 failed',
    );
    await host?.log.line(/connection with http:\/\/127.0.0.1:9090 failed: refused.*code=901/);
  });

  it('920 if it failed', async () =>
    expect(
      await ask(throwing(new ExecutionFailedError('whatsapp', 'status 500')), 1, 'Messaging', 'ValidateContact'),
    ).toBe('920 whatsapp failed to execute request Messaging.ValidateContact: status 500'));

  it('920 at the deadline, which also fires the signal; a later result is ignored', async () => {
    const late = Promise.withResolvers<object>();
    const aborted = Promise.withResolvers<unknown>();
    const slow = pluginOf('Test', 'Slow', (call) => {
      call.signal.addEventListener('abort', () => aborted.resolve(call.signal.reason));
      return late.promise;
    });
    host = await TestHost.start({ plugins: [slow, pluginOf('Test2', 'Ok', () => ({}))], limits: { deadlineMs: 50 } });
    const client = await host.client();
    expect(outcome(await client.ask(request(1, 'Test', 'Slow')))).toBe(
      '920 DMS failed to execute request Test.Slow: deadline of 50 ms passed',
    );
    expect(await aborted.promise).toBeInstanceOf(Error);
    late.resolve({});
    await client.ask(request(2, 'Test2', 'Ok'));
    expect(client.received).toHaveLength(2);
    expect(host.host.dispatcher.inFlight).toBe(0);
  });

  it('920 at the deadline of the method, or of the host if it is shorter', async () => {
    const clock = new FakeClock();
    const hanging = (method: string, deadlineMs?: number) =>
      pluginOf('Test', method, () => new Promise(() => undefined), {
        ...{ name: method.toLowerCase(), ...(deadlineMs === undefined ? {} : { deadlineMs }) },
      });
    const plugins = [hanging('Quick', 20), hanging('Quick2', 20), hanging('Slow', 500), hanging('Any')];
    host = await TestHost.start({ plugins, clock, limits: { deadlineMs: 100 } });
    const { dispatcher } = host.host;
    const faults: string[] = [];
    const begin = (method: string, then: (fault: string) => void = (fault) => faults.push(fault)) =>
      dispatcher.dispatch(new EspRequest(request(1, 'Test', method)), { peer: 'p' }, (reply) => then(outcome(reply)));
    for (const method of ['Any', 'Slow', 'Quick', 'Quick2']) begin(method);
    const gone = begin('Quick');
    if (gone !== undefined) dispatcher.abandon(gone);
    const passed: number[] = [];
    for (const ms of [19, 1, 79, 1]) {
      clock.advance(ms);
      passed.push(faults.length);
    }
    expect(passed).toEqual([0, 2, 2, 4]);
    const text = (method: string, ms: number) =>
      `920 DMS failed to execute request Test.${method}: deadline of ${ms} ms passed`;
    expect(faults).toEqual([text('Quick', 20), text('Quick2', 20), text('Any', 100), text('Slow', 100)]);
    expect(dispatcher.inFlight).toBe(0);
  });

  it("920 at the deadline names the call's channel", async () => {
    const slow = pluginOf('Test', 'Slow', () => new Promise(() => undefined), { channel: 'whatsapp' });
    const setup: HostSetup = { plugins: [slow], channels: [whatsapp('w')], limits: { deadlineMs: 20 } };
    expect(await ask(setup, 1, 'Test', 'Slow')).toBe(
      '920 w failed to execute request Test.Slow: deadline of 20 ms passed',
    );
  });
});

describe('900', () => {
  const text = '900 Messaging.ValidateContact failed unexpectedly (ReferenceId 17)';
  it.each([
    ['an exception', new TypeError('boom')],
    ['a value that is not an Error', 'boom'],
  ])('for %s, with its text in the log alone', async (_name, thrown) => {
    expect(await ask(throwing(thrown), 17, 'Messaging', 'ValidateContact')).toBe(text);
    await host?.log.line(/ERROR.*failed unexpectedly \(ReferenceId 17\): boom.*referenceId=17/);
  });

  it.each([
    ['nothing', undefined],
    ['values that do not match the response schema', { Id: 5 }],
    ['values that no list can hold', { Id: 'x', More: 1.5 }],
  ])('for a handler that answers %s', async (_name, answer) => {
    const plugin = pluginOf('Messaging', 'ValidateContact', () => answer, {
      response: z.looseObject({ Id: z.string() }),
    });
    expect(await ask({ plugins: [plugin] }, 17, 'Messaging', 'ValidateContact')).toBe(text);
  });

  it.each([
    ['a Date', () => ({ At: new Date(0) }), 'At: a key-value list cannot hold an instance of Date'],
    ['a boolean', () => ({ At: true }), 'At: a key-value list cannot hold a boolean'],
    [
      'UserData that is a Map',
      () => new EspResponse({}, new Map() as never),
      'a key-value list cannot hold an instance of Map',
    ],
    ['nothing', () => undefined, String.raw`handle\(\) returned undefined, not the parameters`],
    ['null', () => null, String.raw`handle\(\) returned null, not the parameters`],
  ])('for a handler that answers %s, with a log line that names the key', async (_name, answer, why) => {
    const plugin = pluginOf('Messaging', 'ValidateContact', answer, { response: z.looseObject({}) });
    expect(await ask({ plugins: [plugin] }, 17, 'Messaging', 'ValidateContact')).toBe(text);
    await host?.log.line(new RegExp(`ERROR.*${why}`));
  });
});

it("a plugin's own fault is sent as it is", async () =>
  expect(await ask(throwing(new EspFault('NoMoney', 'the account is empty')), 1, 'Messaging', 'ValidateContact')).toBe(
    'NoMoney the account is empty',
  ));

it.each([
  [new EspFault('NoMoney', 'the account is empty'), 'NoMoney the account is empty'],
  [new IncorrectParameterError('Id', 'no such customer'), '904 Test.Do incorrect Id: no such customer'],
  [new ConnectionFailedError('crm', 'http://crm'), '901 crm connection with http://crm failed'],
])('a failure may be returned as well as thrown: %s', async (failure, fault) => {
  const plugins = [pluginOf('Test', 'Do', () => failure), pluginOf('Later', 'Do', async () => failure)];
  expect(await ask({ plugins }, 1, 'Test', 'Do')).toBe(fault);
  const client = await (host as TestHost).client();
  expect(outcome(await client.ask(request(2, 'Later', 'Do')))).toBe(fault.replace('Test.Do', 'Later.Do'));
});

it('counts requests by service, method and outcome, and unknown names as unknown', async () => {
  host = await TestHost.start({ plugins: [pluginOf('Test', 'Ok', () => ({}))] });
  const client = await host.client();
  await client.ask(request(1, 'Test', 'Ok'));
  await client.ask(request(2, 'Any', 'Name'));
  const text = await host.host.metrics.text();
  expect(text).toContain('esp_requests_total{service="Test",method="Ok",outcome="response"} 1');
  expect(text).toContain('esp_requests_total{service="unknown",method="unknown",outcome="902"} 1');
});

it('fires the signal when the client disconnects, and drops the request', async () => {
  const gone = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  const slow = pluginOf('Test', 'Slow', (call) => {
    call.signal.addEventListener('abort', () => gone.resolve());
    started.resolve();
    return new Promise(() => undefined);
  });
  host = await TestHost.start({ plugins: [slow] });
  const client = await host.client();
  client.send(request(1, 'Test', 'Slow'));
  await started.promise;
  await client.close();
  await gone.promise;
  expect(host.host.dispatcher.inFlight).toBe(0);
});
