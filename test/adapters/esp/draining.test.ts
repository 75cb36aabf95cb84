import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { ClientConnection } from '../../../src/adapters/esp/connection.js';
import { RationedLog } from '../../../src/telemetry/index.js';
import { afterPoll, BufferBudget, QUIET_MS } from '../../../src/transport/index.js';
import { charset, encodeMessage, ReplyWriter } from '../../../src/wire/index.js';
import { deferred, type HostSetup, pluginOf, TestHost } from '../../support/esp-host.js';
import { until } from '../../support/eventually.js';
import { outcome, request } from '../../support/raw-client.js';

const hosts: TestHost[] = [];
afterEach(async () => {
  for (const host of hosts.splice(0)) await host.stop();
});

async function start(setup: HostSetup): Promise<TestHost> {
  const host = await TestHost.start(setup);
  hosts.push(host);
  return host;
}

const DRAIN_MS = 20_000;
const echo = pluginOf('Test', 'Echo', (call) => call.received);
const framed = (id: number, more = {}): Buffer => encodeMessage(request(id, 'Test', 'Echo', more), charset());

/** Keeps the event loop busy: no byte is read meanwhile, and timers fire late. */
function hold(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** A plugin whose method answers when `wake` says so. */
function sleeper(options: Parameters<typeof pluginOf>[3] = {}) {
  const wake = deferred();
  const signals: AbortSignal[] = [];
  const plugin = pluginOf(
    'Slow',
    'Sleep',
    ({ signal }) => {
      signals.push(signal);
      return wake.promise.then(() => ({ Slept: 'well' }));
    },
    options,
  );
  return { plugin, wake, signals };
}

describe('a connection of a listener that drains', () => {
  it('is served as before while something waits, and ends behind the last reply', async () => {
    const { plugin, wake } = sleeper();
    const host = await start({ plugins: [plugin, echo] });
    const [client, idle] = [await host.client(), await host.client()];
    client.send(request(1, 'Slow', 'Sleep'));
    await until(() => host.host.dispatcher.inFlight === 1);
    const drained = host.adapter.drain(DRAIN_MS);
    await idle.closed;
    expect(outcome(await client.ask(request(2, 'Test', 'Echo', { Say: 'x' })))).toBe('{"Say":"x"}');
    wake.resolve();
    await client.messages(2);
    await client.closed;
    expect(client.received.map(({ referenceId }) => referenceId)).toEqual([2, 1]);
    await drained;
  });

  it('is not ended while a request is in the buffer of its socket, however long the loop was busy', async () => {
    const host = await start({ plugins: [echo] });
    const client = await host.client();
    await client.ask(request(1, 'Test', 'Echo'));
    const drained = host.adapter.drain(DRAIN_MS);
    for (const id of [2, 3, 4]) {
      client.send(request(id, 'Test', 'Echo'));
      hold(150);
      await client.messages(id);
    }
    await drained;
    expect(client.received.map(({ referenceId }) => referenceId)).toEqual([1, 2, 3, 4]);
  });

  it.each([
    ['a request', framed(1, { Say: 'x' })],
    ['a packet extension', framed(1, { Say: 'x'.repeat(70_000) })],
  ])('waits for the rest of %s, however slowly it arrives', async (_name, bytes) => {
    const host = await start({ plugins: [echo] });
    const [client, idle] = [await host.client(), await host.client()];
    const size = Math.ceil(bytes.length / 8);
    client.write(bytes.subarray(0, size));
    const drained = host.adapter.drain(DRAIN_MS);
    // By then the other one would have been quiet for long enough, too.
    await idle.closed;
    for (let at = size; at < bytes.length; at += size) {
      client.write(bytes.subarray(at, at + size));
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    expect((await client.messages(1)).map(({ referenceId }) => referenceId)).toEqual([1]);
    await drained;
  });

  it('that is never quiet ends too, with the requests that have not begun', async () => {
    const begun: unknown[] = [];
    const plugin = pluginOf('Test', 'Echo', async ({ received }) => {
      begun.push(received.string('Number'));
      return received;
    });
    const host = await start({ plugins: [plugin] });
    const client = await host.client();
    let sent = 0;
    const send = (): void => client.send(request(++sent, 'Test', 'Echo', { Number: String(sent) }));
    client.socket.on('data', send);
    for (let ahead = 0; ahead < 5; ahead++) send();
    await host.adapter.drain(400);
    expect(client.received.map(outcome)).toEqual(begun.map((number) => `{"Number":"${number}"}`));
    expect(begun.length).toBeGreaterThan(5);
  });

  it('with pending requests does not read late ones before its last reply is sent', async () => {
    const host = await start({
      plugins: [pluginOf('Test', 'Echo', async ({ received }) => new Promise((r) => setTimeout(r, 20, received)))],
    });
    const client = await host.client();
    let sent = 0;
    const send = (): void => client.send(request(++sent, 'Test', 'Echo'));
    const more = setInterval(send, 5);
    await host.adapter.drain(400);
    clearInterval(more);
    const ids = client.received.map(({ referenceId }) => referenceId);
    expect(ids).toEqual(ids.map((_, index) => index + 1));
    expect(client.received.map(outcome)).toEqual(ids.map(() => '{}'));
    expect(host.host.dispatcher.inFlight).toBe(0);
  });

  it.each([
    ['', true],
    ['; whether it was done is unknown', false],
  ])('answers pending requests with 920 stopping%s at the end', async (unknown, idempotent) => {
    const { plugin, signals } = sleeper({ idempotent });
    const host = await start({ plugins: [plugin] });
    const client = await host.client();
    client.send(request(1, 'Slow', 'Sleep'), request(2, 'Slow', 'Sleep'));
    await until(() => host.host.dispatcher.inFlight === 2);
    await host.adapter.drain(100);
    const fault = `920 DMS failed to execute request Slow.Sleep: stopping${unknown}`;
    expect(client.received.map(outcome)).toEqual([fault, fault]);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    expect(host.host.dispatcher.inFlight).toBe(0);
  });

  it('is closed at the end if its client leaves it open', async () => {
    const host = await start({ plugins: [echo] });
    const client = await host.client();
    client.write(framed(1).subarray(0, 8));
    client.socket.pause();
    client.socket.allowHalfOpen = true;
    await host.adapter.drain(50);
    await host.log.line(/connection closed: the client kept it open for 50 ms \(limits\.drainMs\)/);
  });
});

/** A connection without a listener, its client, and its end. */
async function connection(host: TestHost) {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [socket] = (await once(server, 'connection')) as [Socket];
  server.close();
  const { promise: closed, resolve } = Promise.withResolvers<Error | undefined>();
  const limits = {
    inFlightPerConnection: 1,
    messageBytes: 1 << 20,
    listDepth: 8,
    listEntries: 100,
    frameMs: 60_000,
    firstRequestMs: 60_000,
  };
  const made = new ClientConnection(
    { socket, tcp: socket, budget: new BufferBudget(1 << 20) },
    {
      dispatcher: host.host.dispatcher,
      charset: charset(),
      replies: new ReplyWriter(charset(), limits.messageBytes),
      limits,
    },
    new RationedLog(host.log.logger),
    resolve,
  );
  return { made, client, closed };
}

it('a connection that closes when idle closes after its last reply', async () => {
  const { plugin, wake } = sleeper();
  const host = await start({ plugins: [plugin] });
  const { made, client, closed } = await connection(host);
  client.resume().write(encodeMessage(request(1, 'Slow', 'Sleep'), charset()));
  await until(() => host.host.dispatcher.inFlight === 1);
  made.endWhenIdle();
  await new Promise((resolve) => afterPoll(() => resolve(undefined)));
  expect(client.readableEnded).toBe(false);
  wake.resolve();
  await once(client, 'end');
  expect(await closed).toBeUndefined();
  expect(made.counts).toMatchObject({ messagesIn: 1, messagesOut: 1 });
});

it('a connection of a listener that drains ends after half of the time as soon as no request waits', async () => {
  const { plugin, wake } = sleeper();
  const host = await start({ plugins: [plugin] });
  const client = await host.client();
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'performance'] });
  try {
    client.send(request(1, 'Slow', 'Sleep'));
    await until(() => host.host.dispatcher.inFlight === 1);
    const drained = host.adapter.drain(DRAIN_MS);
    jest.advanceTimersByTime(DRAIN_MS / 2);
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(host.adapter.connections).toBe(1);
    wake.resolve();
    await client.closed;
    await drained;
    expect(client.received.map(outcome)).toEqual(['{"Slept":"well"}']);
  } finally {
    jest.useRealTimers();
  }
});

it('a connection that closes just before it is checked leaves no timer', async () => {
  const host = await start({ plugins: [echo] });
  const { made, client, closed } = await connection(host);
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'performance'] });
  try {
    client.write(framed(1).subarray(0, 20));
    await until(() => made.counts.bytesIn === 20);
    made.endWhenQuiet();
    client.write(framed(1).subarray(20, 40));
    await until(() => made.counts.bytesIn === 40);
    jest.advanceTimersByTime(QUIET_MS);
    made.destroy(new Error('enough'));
    expect(await closed).toEqual(new Error('enough'));
    await new Promise((resolve) => setImmediate(() => setImmediate(() => setImmediate(resolve))));
    // Only that of the log line about its end.
    expect(jest.getTimerCount()).toBe(1);
    jest.advanceTimersByTime(1000);
    expect(jest.getTimerCount()).toBe(0);
  } finally {
    jest.useRealTimers();
    client.destroy();
  }
});

it('a listener that has drained leaves no timer', async () => {
  const timers = (): number => process.getActiveResourcesInfo().filter((one) => one === 'Timeout').length;
  const host = await start({ plugins: [echo] });
  const before = timers();
  await host.adapter.drain(DRAIN_MS);
  expect(timers()).toBe(before);
});
