import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { EspFault, EspRequest } from '../../src/esp/index.js';
import type { UpstreamCall } from '../../src/host/index.js';
import { type Container, type EspCall, Http } from '../../src/index.js';
import { pluginOf, TestHost } from '../support/esp-host.js';
import { outcome, request } from '../support/raw-client.js';

const LONG = 'é'.repeat(40_000);
const ANSWERS: Readonly<Record<string, string | Buffer>> = {
  '/text': 'a text',
  '/long': LONG,
  '/whole': 'x'.repeat(65_536),
  '/bytes': Buffer.from([0xff, 0xfe]),
  '/empty': '',
  '/echo': 'you sent key-0123456789, key-0123456789 again',
};

/** More headers of the answers. */
let headers: Readonly<Record<string, string>> = {};
let upstream: Server;
let url: string;
let host: TestHost | undefined;
beforeAll(async () => {
  upstream = createServer((asked, answer) => {
    answer.setHeader('Set-Cookie', 'a=b').setHeader('Retry-After', '7').setHeader('Content-Type', 'text/plain');
    for (const [name, value] of Object.entries(headers)) answer.setHeader(name, value);
    if (asked.url === '/never') return;
    answer.statusCode = asked.url === '/empty' ? 503 : 200;
    answer.end(ANSWERS[asked.url ?? '']);
  }).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
});
afterAll(() => {
  upstream.closeAllConnections();
  upstream.close();
});
afterEach(async () => {
  await host?.stop();
  host = undefined;
  headers = {};
});

/** The notifications to an observer about the calls of a method. */
async function told(
  call: (http: EspCall['http']) => Promise<unknown>,
  upstreamCall?: (one: UpstreamCall) => void,
): Promise<{ calls: UpstreamCall[]; answer: string }> {
  const calls: UpstreamCall[] = [];
  const plugin = pluginOf('Test', 'Call', async ({ http }) => {
    await call(http).catch(() => undefined);
    return { Done: 'yes' };
  });
  const upstreamOf = upstreamCall ?? ((one: UpstreamCall) => void calls.push(one));
  host = await TestHost.start({ plugins: [plugin], observer: { upstream: upstreamOf } });
  const client = await host.client();
  return { answer: outcome(await client.ask(request(17, 'Test', 'Call'))), calls };
}

describe('an observer', () => {
  it.each([
    ['adds headers to the calls of a request', () => ({ 'x-cause': 'Test.Call' }), 'Test.Call'],
    ['adds no headers', () => ({}), undefined],
    [
      'throws, and the call continues',
      () => {
        throw new Error('no headers');
      },
      undefined,
    ],
  ])('%s', async (_, headersOf: () => Record<string, string>, expected) => {
    const asked: string[][] = [];
    const seen: (string | string[] | undefined)[] = [];
    upstream.once('request', ({ headers: sent }) => seen.push(sent['x-cause']));
    const plugin = pluginOf('Test', 'Call', async ({ http }) => ({ Body: await http(`${url}/text`).text() }));
    const observer = {
      upstream: () => undefined,
      headers: ({ name }: EspRequest, to: URL, from: string) => {
        asked.push([name, to.href, from]);
        return headersOf();
      },
    };
    host = await TestHost.start({ plugins: [plugin], observer });
    expect(outcome(await (await host.client()).ask(request(17, 'Test', 'Call')))).toBe('{"Body":"a text"}');
    const from = expect.stringMatching(/^127\.0\.0\.1:\d+$/);
    expect([asked, seen]).toEqual([[['Test.Call', `${url}/text`, from]], [expected]]);
  });

  it('replaces a header of the same name that the method sends', async () => {
    const seen: unknown[] = [];
    upstream.once('request', ({ headers: sent }) => seen.push(sent['x-cause']));
    const plugin = pluginOf('Test', 'Call', async ({ http }) => ({
      Body: await http(`${url}/text`, { headers: { 'x-cause': 'mine' } }).text(),
    }));
    const observer = { upstream: () => undefined, headers: () => ({ 'X-Cause': 'Test.Call' }) };
    host = await TestHost.start({ plugins: [plugin], observer });
    expect(outcome(await (await host.client()).ask(request(17, 'Test', 'Call')))).toBe('{"Body":"a text"}');
    expect(seen).toEqual(['Test.Call']);
  });

  it('receives each fault, with its request and client; the reply does not depend on it', async () => {
    const faults: unknown[] = [];
    const observer = {
      upstream: () => undefined,
      faulted: ({ referenceId }: EspRequest, client: string, { code, message }: EspFault) => {
        faults.push([referenceId, client, code, message]);
        throw new Error('out of order');
      },
    };
    host = await TestHost.start({ plugins: [pluginOf('Test', 'Call', () => ({}))], observer });
    const client = await host.client();
    expect(outcome(await client.ask(request(17, 'Test', 'Call')))).toBe('{}');
    expect(outcome(await client.ask(request(18, 'Test', 'Other')))).toBe('902 Test.Other unknown method');
    const from = expect.stringMatching(/^127\.0\.0\.1:\d+$/);
    expect(faults).toEqual([[18, from, '902', 'Test.Other unknown method']]);
  });

  it('sees nothing of calls that belong to no request', async () => {
    const told: unknown[] = [];
    const observer = { upstream: (call: unknown) => told.push(call), headers: () => told.push('headers') as never };
    const plugin = {
      ...pluginOf('Test', 'Call', () => ({})),
      start: (container: Container) => login(container.get(Http)),
    };
    const login = async (http: EspCall['http']): Promise<void> => {
      expect(await http(`${url}/text`).text()).toBe('a text');
    };
    host = await TestHost.start({ plugins: [plugin], observer });
    expect(told).toEqual([]);
  });

  it.each([
    ['a redirect to another server', 302],
    ['a retry', 503],
  ])('chooses the headers of %s anew', async (_, status) => {
    const seen: [string, unknown][] = [];
    const other = createServer((asked, answer) => {
      seen.push(['other', asked.headers['x-cause']]);
      answer.end('elsewhere');
    }).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const otherUrl = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`;
    const first = createServer((asked, answer) => {
      seen.push(['first', asked.headers['x-cause']]);
      answer.writeHead(seen.length > 1 ? 200 : status, { location: otherUrl, 'retry-after': '0' }).end('again');
    }).listen(0, '127.0.0.1');
    await once(first, 'listening');
    const firstUrl = `http://127.0.0.1:${(first.address() as AddressInfo).port}/`;
    const options = { followRedirect: true, retry: { limit: 1 } };
    const plugin = pluginOf('Test', 'Call', async ({ http }) => ({ Body: await http(firstUrl, options).text() }));
    let asked = 0;
    const observer = {
      upstream: () => undefined,
      headers: () => (asked++ === 0 ? { 'X-Cause': 'Test.Call' } : {}),
    };
    host = await TestHost.start({ plugins: [plugin], observer });
    const answer = outcome(await (await host.client()).ask(request(17, 'Test', 'Call')));
    for (const server of [first, other]) {
      server.closeAllConnections();
      server.close();
    }
    const next: [string, string] = status === 302 ? ['other', 'elsewhere'] : ['first', 'again'];
    expect(answer).toBe(`{"Body":"${next[1]}"}`);
    expect(seen).toEqual([
      ['first', 'Test.Call'],
      [next[0], undefined],
    ]);
  });

  it('receives a call: its ESP request, the request, the answer, and the duration', async () => {
    const before = Date.now();
    const { calls } = await told((http) => http.post(`${url}/text`, { body: 'b'.repeat(5000) }));
    expect(calls).toMatchObject([
      {
        ...{ referenceId: 17, client: expect.stringMatching(/^127\.0\.0\.1:\d+$/), method: 'POST', url: `${url}/text` },
        ...{ status: 200, requestBody: 'b'.repeat(4096), responseBody: 'a text' },
      },
    ]);
    const [{ startedAt = 0, durationMs = -1, ...call } = {}] = calls;
    expect(startedAt).toBeGreaterThanOrEqual(before);
    expect(startedAt + durationMs).toBeLessThanOrEqual(Date.now());
    expect(durationMs).toBeGreaterThanOrEqual(0);
    expect(call).not.toHaveProperty('responseCut');
    expect(call).not.toHaveProperty('error');
    // Only headers without secrets.
    expect((call as UpstreamCall).responseHeaders).toEqual({ 'content-type': 'text/plain', 'retry-after': '7' });
  });

  it.each([
    ['a text', 'é'.repeat(2048), 'é'.repeat(2048)],
    ['a longer text', `${'é'.repeat(2048)}x`, 'é'.repeat(2048)],
    ['bytes', Buffer.from('x'.repeat(4096)), 'x'.repeat(4096)],
    ['more bytes', Buffer.from('x'.repeat(4097)), 'x'.repeat(4096)],
    ['no body', undefined, undefined],
  ])('receives up to 4 kB of the body of a request: %s', async (_name, body, expected) => {
    const { calls } = await told((http) => http.post(`${url}/text`, body === undefined ? {} : { body }));
    expect(calls.map(({ requestBody }) => requestBody)).toEqual([expected]);
  });

  it('receives the headers of an answer that carry no secret', async () => {
    const shown = {
      'cache-control': 'no-store',
      'content-language': 'en',
      etag: '"1"',
      expires: 'Thu, 01 Jan 1970 00:00:00 GMT',
      'last-modified': 'Thu, 01 Jan 1970 00:00:00 GMT',
      link: '</next>',
      location: '/elsewhere',
    };
    headers = { ...shown, authorization: 'x', 'www-authenticate': 'x', 'x-token': 'x' };
    const { calls } = await told((http) => http.get(`${url}/text`));
    expect(calls[0]?.responseHeaders).toEqual({ ...shown, 'content-type': 'text/plain', 'retry-after': '7' });
  });

  it('receives why a call failed, and the duration', async () => {
    const before = Date.now();
    const { calls } = await told((http) => http.get('http://127.0.0.1:1/', { retry: { limit: 0 } }));
    expect(calls).toMatchObject([{ failure: 'ECONNREFUSED', error: expect.stringContaining('ECONNREFUSED') }]);
    const [{ startedAt = 0, durationMs = -1, ...call } = {}] = calls;
    expect(startedAt).toBeGreaterThanOrEqual(before);
    expect(durationMs).toBeGreaterThanOrEqual(0);
    expect(startedAt + durationMs).toBeLessThanOrEqual(Date.now());
    for (const name of ['status', 'responseBody', 'responseHeaders', 'requestBody'])
      expect(call).not.toHaveProperty(name);
  });

  it('receives a call that failed before it was sent', async () => {
    const before = Date.now();
    const hooks = {
      beforeRequest: [
        () => {
          throw new Error('not today');
        },
      ],
    };
    const { calls, answer } = await told((http) => http.get(`${url}/text`, { hooks }));
    expect(calls).toMatchObject([{ referenceId: 17, url: `${url}/text`, error: 'not today' }]);
    const [{ startedAt = 0, durationMs = -1 } = {}] = calls;
    expect(startedAt).toBeGreaterThanOrEqual(before);
    expect(startedAt + durationMs).toBeLessThanOrEqual(Date.now());
    expect(durationMs).toBeGreaterThanOrEqual(0);
    expect(answer).toBe('{"Done":"yes"}');
  });

  it('receives an answer that counts as a failure once, even without a body', async () => {
    const { calls } = await told((http) => http.get(`${url}/empty`, { retry: { limit: 0 } }));
    expect(calls.map(({ status }) => status)).toEqual([503]);
    expect(calls[0]).not.toHaveProperty('responseBody');
  });

  it('receives 64 kB of an answer, and whether it was longer or not text', async () => {
    const answers = ['/long', '/whole', '/bytes'];
    const { calls } = await told(async (http) => {
      for (const path of answers) await http.get(`${url}${path}`);
    });
    expect(calls.map(({ responseBody = '', responseCut }) => [Buffer.byteLength(responseBody), responseCut])).toEqual([
      [65_536, true],
      [65_536, undefined],
      [6, true],
    ]);
  });

  it('receives no credential that an answer repeats', async () => {
    const { calls } = await told((http) => http.get(`${url}/echo`, { headers: { authorization: 'key-0123456789' } }));
    expect(calls[0]?.responseBody).toBe('you sent ***, *** again');
  });

  it('receives a call that was aborted, once', async () => {
    const { calls } = await told((http) => {
      const controller = new AbortController();
      upstream.once('request', () => controller.abort());
      return http.get(`${url}/never`, { signal: controller.signal });
    });
    expect(calls).toMatchObject([{ url: `${url}/never`, failure: 'abandoned' }]);
    expect(calls[0]).not.toHaveProperty('status');
  });

  it('receives each fault, and the request and client that got it', async () => {
    const seen: unknown[] = [];
    const wrong = new Error('wrong');
    const plugin = pluginOf('Test', 'Call', () => {
      throw wrong;
    });
    const faulted = ({ name }: EspRequest, client: string, { code, reason, cause }: EspFault) => {
      seen.push([name, client, code, reason, cause]);
      throw new Error('out of order');
    };
    host = await TestHost.start({ plugins: [plugin], observer: { upstream: () => undefined, faulted } });
    const client = await host.client();
    expect(outcome(await client.ask(request(17, 'Test', 'Call')))).toMatch(/^900 /);
    expect(outcome(await client.ask(request(18, 'Test', 'Other')))).toMatch(/^902 /);
    const peer = `127.0.0.1:${client.socket.localPort}`;
    expect(seen).toEqual([
      ['Test.Call', peer, '900', 'unexpected', wrong],
      ['Test.Other', peer, '902', 'unknown', undefined],
    ]);
  });

  it('that fails misses the call, and the request is answered', async () => {
    const { answer } = await told(
      (http) => http.get(`${url}/text`),
      () => {
        throw new Error('out of order');
      },
    );
    expect(answer).toBe('{"Done":"yes"}');
  });
});
