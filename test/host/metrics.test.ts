import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { pluginErrors } from '../../src/host/index.js';
import { EspFault } from '../../src/index.js';
import { Metrics } from '../../src/telemetry/index.js';
import { deferred, type HostSetup, pluginOf, TestHost } from '../support/esp-host.js';
import { until } from '../support/eventually.js';
import { seriesValue } from '../support/http.js';
import { request } from '../support/raw-client.js';

let host: TestHost | undefined;
afterEach(() => host?.stop());

async function start(setup: HostSetup): Promise<TestHost> {
  host = await TestHost.start(setup);
  return host;
}

const requests = async (of: TestHost, service: string, method: string, outcome: string): Promise<unknown[]> => {
  const text = await of.host.metrics.text();
  const labels = `{service="${service}",method="${method}",outcome="${outcome}"}`;
  return ['esp_requests_total', 'esp_request_duration_seconds_count'].map((name) => seriesValue(text, name + labels));
};

describe('requests', () => {
  it('are counted and timed by service, method and outcome', async () => {
    const answers = pluginOf('Test', 'Answer', () => ({}));
    const later = pluginOf('Later', 'Answer', async () => ({}));
    const faults = pluginOf('Test', 'Fault', async () => {
      throw new EspFault(777, 'no');
    });
    const of = await start({ plugins: [answers, later, faults] });
    const client = await of.client();
    for (const [service, method] of [
      ['Test', 'Answer'],
      ['Test', 'Answer'],
      ['Later', 'Answer'],
      ['Test', 'Fault'],
      ['Test', 'Nobody'],
      ['Made', 'Up'],
    ] as const) {
      await client.ask(request(1, service, method));
    }
    expect(await requests(of, 'Test', 'Answer', 'response')).toEqual([2, 2]);
    expect(await requests(of, 'Later', 'Answer', 'response')).toEqual([1, 1]);
    expect(await requests(of, 'Test', 'Fault', '777')).toEqual([1, 1]);
    expect(await requests(of, 'Test', 'Fault', 'response')).toEqual([0, undefined]);
    expect(await requests(of, 'unknown', 'unknown', '902')).toEqual([2, 2]);
  });

  it('show the usual failures of a method before the first, as counts only', async () => {
    const of = await start({ plugins: [pluginOf('Test', 'Answer', () => ({}))] });
    for (const outcome of ['abandoned', '900', '901', '904', '920']) {
      expect(await requests(of, 'Test', 'Answer', outcome)).toEqual([0, undefined]);
    }
    for (const outcome of ['701', '902'])
      expect(await requests(of, 'unknown', 'unknown', outcome)).toEqual([0, undefined]);
  });

  it('of a method share an outcome beyond fifty', async () => {
    let code = 1000;
    const plugin = pluginOf('Test', 'Fault', () => new EspFault(code++, 'no'));
    const of = await start({ plugins: [plugin] });
    const client = await of.client();
    for (let id = 1; id <= 50; id++) await client.ask(request(id, 'Test', 'Fault'));
    expect(await requests(of, 'Test', 'Fault', '1044')).toEqual([1, 1]);
    expect(await requests(of, 'Test', 'Fault', '1045')).toEqual([undefined, undefined]);
    expect(await requests(of, 'Test', 'Fault', 'other')).toEqual([5, 5]);
  });

  it('whose client has disconnected count as abandoned', async () => {
    const asked = deferred();
    const told = deferred();
    const sleeps = pluginOf('Slow', 'Sleep', (call) => {
      call.signal.addEventListener('abort', () => told.resolve());
      asked.resolve();
      return new Promise(() => undefined);
    });
    const of = await start({ plugins: [sleeps] });
    const client = await of.client();
    client.send(request(1, 'Slow', 'Sleep'));
    await asked.promise;
    client.socket.destroy();
    await told.promise;
    expect(await requests(of, 'Slow', 'Sleep', 'abandoned')).toEqual([1, 1]);
  });

  it('over the deadline and over the limits count by their FaultCode', async () => {
    const sleeps = pluginOf('Slow', 'Sleep', () => new Promise(() => undefined));
    const of = await start({ plugins: [sleeps], limits: { deadlineMs: 20, inFlightPerConnection: 1 } });
    const client = await of.client();
    const began = performance.now();
    client.send(request(1, 'Slow', 'Sleep'), request(2, 'Slow', 'Sleep'));
    await client.messages(2);
    const tookMs = performance.now() - began;
    expect(await requests(of, 'Slow', 'Sleep', '920')).toEqual([2, 2]);
    const sum = seriesValue(
      await of.host.metrics.text(),
      'esp_request_duration_seconds_sum{service="Slow",method="Sleep",outcome="920"}',
    );
    expect(sum).toBeGreaterThanOrEqual(0.019);
    expect(sum).toBeLessThanOrEqual((2 * tookMs) / 1000);
  });
});

describe('calls to upstreams', () => {
  let upstream: Server;
  let url: string;
  beforeAll(async () => {
    upstream = createServer((asked, answer) => {
      if (asked.url === '/never') return;
      if (asked.url === '/broken') asked.socket.destroy();
      else answer.writeHead(Number(asked.url?.slice(1))).end('body');
    }).listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    upstream.closeAllConnections();
    upstream.close();
  });

  it('are counted and timed by upstream, method and outcome', async () => {
    const never = { timeout: { request: 30 } };
    const plugin = pluginOf('Test', 'Call', async ({ http, received }) => {
      const path = received.requireString('Path');
      const calls: Record<string, () => Promise<unknown>> = {
        plain: () => http.get(`${url}/200`),
        refused: () => http.post(`${url}/503`),
        kept: () => http.get(`${url}/404`, { throwHttpErrors: false }),
        body: () => http.get(`${url}/200`, { resolveBodyOnly: true }),
        stream: () => http.stream(`${url}/202`).toArray(),
        timeout: () => http.get(`${url}/never`, never),
        broken: () => http.get(`${url}/broken`),
        nobody: () => http.get('http://127.0.0.1:1/'),
      };
      await calls[path]?.().catch(() => undefined);
      return {};
    });
    const of = await start({ plugins: [plugin] });
    const client = await of.client();
    for (const path of ['plain', 'plain', 'refused', 'kept', 'body', 'stream', 'timeout', 'broken', 'nobody']) {
      await client.ask(request(1, 'Test', 'Call', { Path: path }));
    }
    const text = await of.host.metrics.text();
    const { host: name } = new URL(url);
    const counted = text
      .split('\n')
      .filter((line) => line.startsWith('esp_upstream_calls_total'))
      .map((line) => line.replace(`upstream="${name}",`, '').slice('esp_upstream_calls_total'.length));
    expect(counted.sort()).toEqual([
      '{method="GET",outcome="200"} 2',
      '{method="GET",outcome="202"} 1',
      '{method="GET",outcome="404"} 1',
      '{method="GET",outcome="ECONNRESET"} 1',
      '{method="GET",outcome="ok"} 1',
      '{method="GET",outcome="timeout"} 1',
      '{method="POST",outcome="503"} 1',
      '{upstream="127.0.0.1:1",method="GET",outcome="ECONNREFUSED"} 1',
    ]);
    expect(seriesValue(text, `esp_upstream_call_duration_seconds_count{upstream="${name}"}`)).toBe(8);
  });

  it('that are cancelled count as abandoned', async () => {
    const ended = deferred();
    const plugin = pluginOf('Test', 'Call', async ({ http }) => {
      await http.get(`${url}/never`).catch(() => ended.resolve());
      return {};
    });
    const of = await start({ plugins: [plugin], limits: { deadlineMs: 20 } });
    await (await of.client()).ask(request(1, 'Test', 'Call'));
    await ended.promise;
    const series = `esp_upstream_calls_total{upstream="${new URL(url).host}",method="GET",outcome="abandoned"}`;
    expect(seriesValue(await of.host.metrics.text(), series)).toBe(1);
  });

  it('to more upstreams than can have their own label share one', async () => {
    const plugin = pluginOf('Test', 'Call', async ({ http, received }) => {
      await http.get(`http://127.0.0.${received.requireString('Host')}:1/`).catch(() => undefined);
      return {};
    });
    const of = await start({ plugins: [plugin] });
    const client = await of.client();
    for (let last = 1; last <= 103; last++) await client.ask(request(last, 'Test', 'Call', { Host: String(last) }));
    const text = await of.host.metrics.text();
    expect(seriesValue(text, 'esp_upstream_call_duration_seconds_count{upstream="other"}')).toBe(3);
  });
});

describe('a request whose client has disconnected', () => {
  it('counts as abandoned once; a later result is not counted', async () => {
    const answers: ((value: object) => void)[] = [];
    const called = deferred();
    const plugin = pluginOf('Test', 'Wait', () => {
      called.resolve();
      return new Promise((resolve) => answers.push(resolve));
    });
    const echo = pluginOf('Other', 'Echo', () => ({}));
    const of = await start({ plugins: [plugin, echo] });
    const leaving = await of.client();
    leaving.send(request(1, 'Test', 'Wait'));
    await called.promise;
    expect(of.host.dispatcher.inFlight).toBe(1);
    leaving.socket.destroy();
    await until(() => of.host.dispatcher.inFlight === 0, 'the request is given up');
    for (const answer of answers) answer({});
    await (await of.client()).ask(request(2, 'Other', 'Echo'));
    expect(of.host.dispatcher.inFlight).toBe(0);
    expect(await requests(of, 'Test', 'Wait', 'abandoned')).toEqual([1, 1]);
    expect((await requests(of, 'Test', 'Wait', 'response'))[0] ?? 0).toBe(0);
    expect(of.log.lines.join('\n')).not.toContain('Test.Wait');
  });
});

it('errors of plugins are counted by plugin', async () => {
  const metrics = new Metrics();
  pluginErrors(metrics, 'mine').inc();
  pluginErrors(metrics).inc(2);
  const text = await metrics.text();
  const counted = ['mine', 'unknown'].map((plugin) => seriesValue(text, `esp_plugin_errors_total{plugin="${plugin}"}`));
  expect(counted).toEqual([1, 2]);
});
