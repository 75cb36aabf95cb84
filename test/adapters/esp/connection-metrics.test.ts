import { afterEach, expect, it } from '@jest/globals';
import { CLOSE_REASONS, REFUSALS } from '../../../src/transport/index.js';
import { charset, encodeInit, encodeMessage } from '../../../src/wire/index.js';
import { type HostSetup, pluginOf, TestHost } from '../../support/esp-host.js';
import { until } from '../../support/eventually.js';
import { seriesValue } from '../../support/http.js';
import { request } from '../../support/raw-client.js';

const echo = pluginOf('Test', 'Echo', (call) => ({ Said: call.received.string('Say') ?? '' }));

let host: TestHost | undefined;
afterEach(() => host?.stop());

async function start(setup: HostSetup = {}): Promise<TestHost> {
  host = await TestHost.start({ plugins: [echo], ...setup });
  return host;
}

const value = async (of: TestHost, series: string) => seriesValue(await of.host.metrics.text(), series);
const closed = (of: TestHost, reason: string) => value(of, `esp_connections_closed_total{reason="${reason}"}`);

/** Waits for the host's side of the end of a connection. */
const untilClosed = (of: TestHost, connections: number): Promise<void> =>
  until(() => of.adapter.connections <= connections, `at most ${connections} connections are open`);

it('counts bytes and messages of open and closed connections', async () => {
  const of = await start();
  const bytes = encodeMessage(request(1, 'Test', 'Echo', { Say: 'x' }), charset());
  const [one, two] = [await of.client(), await of.client()];
  let sent = 0;
  for (const client of [one, two, two])
    sent += encodeMessage(await client.ask(request(1, 'Test', 'Echo', { Say: 'x' })), charset()).length;
  await one.close();
  await untilClosed(of, 1);
  const text = await of.host.metrics.text();
  const values = ['received_bytes', 'sent_bytes', 'messages_received', 'messages_sent', 'connections_accepted'];
  expect(values.map((name) => seriesValue(text, `esp_${name}_total`))).toEqual([3 * bytes.length, sent, 3, 3, 2]);
  expect(seriesValue(text, 'esp_connections')).toBe(1);
  expect(seriesValue(text, 'esp_connections_closed_total{reason="ended"}')).toBe(1);
  await two.ask(request(1, 'Test', 'Echo'));
  expect(await value(of, 'esp_messages_received_total')).toBe(4);
});

it('counts the traffic of connections until the listener is drained', async () => {
  const of = await start();
  const client = await of.client();
  await client.ask(request(1, 'Test', 'Echo'));
  await client.close();
  await of.adapter.drain(1000);
  expect(await value(of, 'esp_messages_received_total')).toBe(1);
  expect(await value(of, 'esp_messages_sent_total')).toBe(1);
});

it('shows every reason for an end or a refusal before there is one', async () => {
  const of = await start();
  const refused = REFUSALS.map((reason) => value(of, `esp_connections_refused_total{reason="${reason}"}`));
  expect(await Promise.all(refused)).toEqual(REFUSALS.map(() => 0));
  const reasons = ['ended', 'format', 'error', ...CLOSE_REASONS];
  expect(await Promise.all(reasons.map((reason) => closed(of, reason)))).toEqual(reasons.map(() => 0));
});

it('counts why connections ended', async () => {
  const of = await start({ limits: { frameMs: 50 } });
  const [silent, broken, unfinished] = [await of.client(), await of.client(), await of.client()];
  silent.write(encodeInit(30, false));
  broken.write('GET / HTTP/1.1\r\n\r\n');
  unfinished.write(Buffer.from('00003000', 'hex'));
  await Promise.all([silent.closed, broken.closed, unfinished.closed]);
  await untilClosed(of, 0);
  // A line for each reason, though they ended within a second.
  expect(of.log.matching(/ WARN {2}connection closed: /)).toHaveLength(3);
  const reasons = ['addp_timeout', 'format', 'frame_timeout', 'ended'];
  expect(await Promise.all(reasons.map((reason) => closed(of, reason)))).toEqual([1, 1, 1, 0]);
});

it('counts connections over the limit', async () => {
  const of = await start({ limits: { connections: 1 } });
  await (await of.client()).ask(request(1, 'Test', 'Echo'));
  await (await of.client()).closed;
  expect(await value(of, 'esp_connections_refused_total{reason="connections"}')).toBe(1);
  expect(await value(of, 'esp_connections')).toBe(1);
});

it('removes the gauge with the adapter, but not the counters', async () => {
  const of = await start();
  const client = await of.client();
  await client.ask(request(1, 'Test', 'Echo'));
  // It leaves the connection open that the host has ended.
  client.socket.allowHalfOpen = true;
  await of.adapter.drain(0);
  expect(await value(of, 'esp_connections')).toBeUndefined();
  expect(await value(of, 'esp_messages_received_total')).toBe(1);
  expect(await closed(of, 'drain_timeout')).toBe(1);
});
