import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HostWebhooks } from '../../../mock-platform/upstreams/index.js';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

/** A host whose answer to a webhook is this. */
async function host(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Webhooks of a host that stores the event of the body, and answers with a status. */
async function storing(status = 200): Promise<HostWebhooks> {
  const webhooks = new HostWebhooks();
  const known = new Set<string>();
  const url = await host((request, response) => {
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => {
      const fresh = known.has(body) ? [] : [body];
      known.add(body);
      webhooks.stored({ path: '/hook', headers: request.headers, ids: [body], fresh });
      response.writeHead(status).end(`so be it ${'x'.repeat(2000)}`);
    });
  });
  webhooks.use(() => url);
  return webhooks;
}

const { signal } = new AbortController();
const post = (webhooks: HostWebhooks, body: string) => webhooks.post({ to: '/hook', body }, signal);

/** Whether a promise has settled when all others that could have are. */
const isSettled = async (promise: Promise<unknown>): Promise<boolean> => {
  let settled = false;
  void promise.then(() => {
    settled = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
};

describe('a posted webhook', () => {
  it('is handled when its event is', async () => {
    const webhooks = await storing();
    const { status, text, handled } = await post(webhooks, 'a');
    expect([status, text.length]).toEqual([200, 1000]);
    webhooks.handled('/hook', 'b');
    webhooks.handled('/other', 'a');
    expect(await isSettled(handled)).toBe(false);
    webhooks.handled('/hook', 'a');
    expect(await handled).toBe(true);
  });

  it('waits for the original if it is a duplicate', async () => {
    const webhooks = await storing();
    await post(webhooks, 'a');
    const { handled } = await post(webhooks, 'a');
    expect(await isSettled(handled)).toBe(false);
    webhooks.handled('/hook', 'a');
    expect(await handled).toBe(true);
    expect(await (await post(webhooks, 'a')).handled).toBe(true);
  });

  it('has its headers and a number, and is sent as JSON unless it says otherwise', async () => {
    const webhooks = new HostWebhooks();
    const asked: object[] = [];
    const url = await host(({ method, url: path, headers }, response) => {
      const { 'content-type': type, 'content-length': length, 'x-own': own, 'x-esp-host-webhook': number } = headers;
      asked.push({ method, path, type, length, own, number });
      response.end();
    });
    webhooks.use(() => url);
    await webhooks.post({ to: '/hook?a=b', body: 'é' }, signal);
    await webhooks.post({ to: '/b', headers: { 'X-Own': '1', 'content-type': 'text/plain' }, body: '' }, signal);
    await webhooks.post({ to: `${url}/c`, body: '{}' }, signal);
    const json = { method: 'POST', type: 'application/json', own: undefined };
    expect(asked).toEqual([
      { ...json, path: '/hook?a=b', length: '2', number: '1' },
      { ...json, path: '/b', type: 'text/plain', length: '0', own: '1', number: '2' },
      { ...json, path: '/c', length: '2', number: undefined },
    ]);
  });

  it('has as many events as its path and body say, and waits for all', async () => {
    const webhooks = new HostWebhooks();
    const ids = ['a', 'b'];
    const url = await host((request, response) => {
      webhooks.stored({ path: '/hook', headers: request.headers, ids, fresh: ids });
      response.end();
    });
    webhooks.use(() => url);
    const { handled } = await post(webhooks, '');
    webhooks.handled('/hook', 'a');
    expect(await isSettled(handled)).toBe(false);
    webhooks.handled('/hook', 'b');
    expect(await handled).toBe(true);
  });

  it('may be handled before it is answered', async () => {
    const webhooks = new HostWebhooks();
    const url = await host((request, response) => {
      webhooks.stored({ path: '/hook', headers: request.headers, ids: ['a'], fresh: ['a'] });
      webhooks.handled('/hook', 'a');
      response.end();
    });
    webhooks.use(() => url);
    expect(await (await post(webhooks, '')).handled).toBe(true);
  });

  it('without events is handled at once; others do not matter', async () => {
    const webhooks = new HostWebhooks();
    const url = await host((request, response) => {
      webhooks.stored({ path: '/hook', headers: request.headers, ids: [], fresh: [] });
      webhooks.stored({ path: '/hook', headers: {}, ids: ['x'], fresh: ['x'] });
      response.end();
    });
    webhooks.use(() => url);
    expect(await (await post(webhooks, '')).handled).toBe(true);
  });

  it('that is refused is not handled', async () => {
    const { status, handled } = await post(await storing(503), 'a');
    expect([status, await handled]).toEqual([503, false]);
  });

  it('to another URL is not known to be handled', async () => {
    const to = await host((_request, response) => response.end());
    const { status, handled } = await new HostWebhooks().post({ to, body: '{}' }, signal);
    expect([status, await handled]).toEqual([200, false]);
  });

  it('without an answer says why', async () => {
    const code = 'ESP_MOCK_WEBHOOK_UNANSWERED';
    await expect(post(new HostWebhooks(), 'a')).rejects.toMatchObject({
      code,
      message: 'config.yaml has no listeners.webhooks',
    });
    const broken = await host(({ socket }) => socket.destroy());
    await expect(new HostWebhooks().post({ to: broken, body: '' }, signal)).rejects.toMatchObject({ code });
    const silent = await host(() => stopping.abort());
    const stopping = new AbortController();
    const stopped = new HostWebhooks().post({ to: silent, body: '' }, stopping.signal);
    await expect(stopped).rejects.toMatchObject({ code, message: 'the platform stops' });
  });
});
