import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type FakeReply, fakeHttp, testPlugin } from 'esp-host/testing';
import { definePlugin, type EspCall, EspMethod, z } from '../../src/index.js';
import { pluginOf, TestHost } from '../support/esp-host.js';
import { outcome, request } from '../support/raw-client.js';

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

const URL = 'https://billing.example/accounts/17?key=hunter2';

type Reply = Omit<FakeReply, 'url'>;

/** The fault of a method that calls an upstream which answers so. */
async function faultFor(reply: Reply, idempotent = true): Promise<string> {
  class Get {
    async handle(call: EspCall) {
      await call.http.get(URL).json();
      return {};
    }
  }
  EspMethod('Billing', 'Get', { parameters: z.object({}), response: z.object({}), idempotent })(Get);
  const http = fakeHttp([{ url: 'https://billing.example/*', ...reply }]);
  const plugin = await testPlugin(definePlugin({ name: 'billing', methods: [Get] }), { http });
  stops.push(() => plugin.stop());
  const { fault } = await plugin.call('Billing.Get', {});
  return fault === undefined ? 'none' : `${fault.code} ${fault.text}`;
}

describe('a failed call that its handler does not catch', () => {
  it.each<[string, Reply]>([
    ['901 DMS connection with https://billing.example failed', { error: 'ECONNREFUSED' }],
    ['901 DMS connection with https://billing.example failed', { error: 'ENOTFOUND' }],
    ['901 DMS connection with https://billing.example failed', { error: 'CERT_NOT_YET_VALID' }],
    ['920 DMS failed to execute request Billing.Get: no answer', { error: 'ECONNABORTED' }],
    ['920 DMS failed to execute request Billing.Get: no answer', { error: 'ECONNRESET' }],
    ['920 DMS failed to execute request Billing.Get: status 500', { status: 500 }],
    ['920 DMS failed to execute request Billing.Get: status 404', { status: 404 }],
    ['920 DMS failed to execute request Billing.Get: invalid answer', { body: 'no JSON' }],
  ])('is fault %s', async (fault, reply) => {
    expect(await faultFor(reply)).toBe(fault);
  });

  it.each<[string, Reply]>([
    ['901 DMS connection with https://billing.example failed', { error: 'ECONNREFUSED' }],
    [
      '920 DMS failed to execute request Billing.Get: no answer; whether it was done is unknown',
      { error: 'ECONNRESET' },
    ],
    ['920 DMS failed to execute request Billing.Get: status 500; whether it was done is unknown', { status: 500 }],
    ['920 DMS failed to execute request Billing.Get: status 409; whether it was done is unknown', { status: 409 }],
    ['920 DMS failed to execute request Billing.Get: status 404', { status: 404 }],
  ])('of a method that must not be repeated is fault %s', async (fault, reply) => {
    expect(await faultFor(reply, false)).toBe(fault);
  });
});

describe('a call to a server that', () => {
  /** The fault of a method whose upstream answers the first bytes of a connection so. */
  async function faultOf(scheme: string, answer: (socket: Socket) => void, idempotent: boolean): Promise<string> {
    const server = createServer((socket) => {
      socket.on('error', () => undefined).once('data', () => answer(socket));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const origin = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const get = async (call: EspCall) => ({ Answer: await call.http.get(origin).text() });
    const host = await TestHost.start({ plugins: [pluginOf('Billing', 'Get', get, { idempotent })] });
    stops.push(
      () => host.stop(),
      () => new Promise((resolve) => server.close(resolve)),
    );
    const reply = outcome(await (await host.client()).ask(request(1, 'Billing', 'Get')));
    return reply.replace(origin, 'ORIGIN').replace('DMS failed to execute request Billing.Get: ', '');
  }

  const answering = (text: string) => (socket: Socket) => socket.end(`HTTP/1.1 200 OK\r\n${text}`);
  const UNKNOWN = '; whether it was done is unknown';

  it.each<[string, string, (socket: Socket) => void, string]>([
    [
      'speaks no TLS',
      'https',
      (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
      '901 DMS connection with ORIGIN failed',
    ],
    ['speaks no HTTP', 'http', (socket) => socket.end('garbage\r\n\r\n'), '920 invalid answer'],
    ['closes the connection', 'http', (socket) => socket.end(), '920 no answer'],
    ['sends half of the answer', 'http', answering('Content-Length: 100\r\n\r\nhalf'), '920 no answer'],
    ['sends invalid chunks', 'http', answering('Transfer-Encoding: chunked\r\n\r\nzz\r\n'), '920 invalid answer'],
    [
      'sends what is not gzip',
      'http',
      answering('Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nhalf'),
      '920 invalid answer',
    ],
  ])('%s is a known fault', async (_what, scheme, answer, fault) => {
    expect(await faultOf(scheme, answer, true)).toBe(fault);
    expect(await faultOf(scheme, answer, false)).toBe(fault.startsWith('901') ? fault : `${fault}${UNKNOWN}`);
  });
});
