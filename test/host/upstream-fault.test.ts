import { afterEach, describe, expect, it } from '@jest/globals';
import { type FakeReply, fakeHttp, testPlugin } from 'esp-host/testing';
import { definePlugin, type EspCall, EspMethod, z } from '../../src/index.js';

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
