import type { IncomingHttpHeaders } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { failureOf, httpClient } from '../../src/host/http.js';
import { Metrics } from '../../src/index.js';
import { until } from '../support/eventually.js';
import { seriesValue, startUpstream, stopUpstreams } from '../support/http.js';

afterEach(stopUpstreams);

const failure = (call: Promise<unknown>): Promise<Error> =>
  call.then(
    () => new Error('it did not fail'),
    (error: Error) => error,
  );

describe("the host's HTTP client", () => {
  it('names the host, and calls once, for up to 10 s', async () => {
    const seen: IncomingHttpHeaders[] = [];
    const url = await startUpstream(({ headers }, response) => {
      seen.push(headers);
      response.writeHead(503, { 'retry-after': '0' }).end();
    });
    const client = httpClient(new Metrics());
    expect((await failure(client.get(url))).message).toContain('503');
    expect(seen.map((headers) => headers['user-agent'])).toEqual(['esp-host']);
    const { timeout, retry, followRedirect } = client.defaults.options;
    expect([timeout.request, retry.limit, followRedirect]).toEqual([10_000, 0, false]);
  });

  it.each<[string, (url: string) => string, object]>([
    ['a header', (url) => url, { headers: { authorization: 'Bearer hunter2-and-more' } }],
    ['a password', (url) => url, { username: 'me', password: 'hunter2-and-more' }],
    ['a password in the URL', (url) => url.replace('//', '//me:hunter2-and-more@'), {}],
    ['a parameter of the URL', (url) => `${url}?access_token=hunter2-and-more`, {}],
  ])('shows no credentials that an upstream repeats: %s', async (_what, urlOf, options) => {
    const url = await startUpstream((_asked, response) => response.writeHead(401, 'not hunter2-and-more').end());
    const error = await failure(httpClient(new Metrics()).get(urlOf(url), options));
    expect(error.message).toContain('401 (not ');
    for (const text of [error.message, String(error.stack)]) expect(text).not.toContain('hunter2-and-more');
  });

  it('measures seconds', async () => {
    const metrics = new Metrics();
    const began = performance.now();
    const url = await startUpstream((_asked, response) => response.end());
    await httpClient(metrics).get(url);
    const labels = `{upstream="${new URL(url).host}"}`;
    const sum = async () => seriesValue(await metrics.text(), `esp_upstream_call_duration_seconds_sum${labels}`);
    await until(async () => (await sum()) !== undefined);
    const seconds = await sum();
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual((performance.now() - began) / 1000);
  });
});

it.each<[Error, string]>([
  [new Error('no'), 'error'],
  [Object.assign(new Error('no'), { code: 'ECONNRESET' }), 'ECONNRESET'],
])('%s is a failure of the kind %s', (error, kind) => expect(failureOf(error)).toBe(kind));
