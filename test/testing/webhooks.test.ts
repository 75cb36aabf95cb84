import { createHmac } from 'node:crypto';
import { afterEach, expect, it } from '@jest/globals';
import { definePlugin, Webhook, type WebhookCall, type WebhookEvent, type WebhookReceiver } from '../../src/index.js';
import { type TestedPlugin, testPlugin } from '../../src/testing/index.js';
import receipts from '../fixtures/plugins/receipts/index.js';

const PATH = '/webhooks/receipts';
const SECRET = 'the-secret-of-the-sender';

let plugin: TestedPlugin;
afterEach(() => plugin.stop());

const start = async (options: object = {}): Promise<void> => {
  plugin = await testPlugin(receipts, { options: { secret: SECRET, ...options } });
};

function signed(body: unknown): { body: string; headers: Record<string, string> } {
  const text = JSON.stringify(body);
  return { body: text, headers: { 'x-signature': createHmac('sha256', SECRET).update(text).digest('hex') } };
}

it('handles the events of a webhook, and drops duplicates', async () => {
  await start();
  const webhook = signed({ receipts: [{ id: 'r1', order: '7', text: 'paid' }] });
  const event = { id: 'r1', key: '7', data: { id: 'r1', order: '7', text: 'paid' } };
  expect(await plugin.post(PATH, webhook)).toEqual({
    status: 200,
    text: '',
    events: [{ ...event, outcome: 'handled' }],
  });
  expect(await plugin.post(PATH, webhook)).toMatchObject({ events: [{ outcome: 'duplicate' }] });
  expect(await plugin.state.get('order/7')).toEqual(['paid']);
  expect(await plugin.call('Receipts.Read', { Order: '7' })).toMatchObject({ response: { Text: 'paid' } });
});

it('returns the error of an event, and drops its changes', async () => {
  await start({ broken: ['7'] });
  const { events } = await plugin.post(PATH, signed({ receipts: [{ id: 'r1', order: '7', text: 'paid' }] }));
  expect(events).toMatchObject([{ outcome: 'failed', error: { message: 'order 7 is unknown' } }]);
  expect(await plugin.state.get('order/7')).toBeUndefined();
});

it('handles an event again if its records change meanwhile', async () => {
  let runs = 0;
  @Webhook('/webhooks/counts')
  class Counts implements WebhookReceiver<{ text: string }> {
    receive = () => [{ id: '1', data: { text: 'a' } }];

    async handle({ data }: WebhookEvent<{ text: string }>, { state, onHandled }: WebhookCall): Promise<void> {
      const before = (await state.get<string>('x')) ?? '';
      if (before === '') await plugin.state.put('x', 'b', { keepMs: 1000 });
      data.text += before;
      await state.put('x', data.text, { keepMs: 1000 });
      onHandled(() => runs++);
    }
  }
  plugin = await testPlugin(definePlugin({ name: 'counts', methods: [], webhooks: [Counts] }));
  expect(await plugin.post('/webhooks/counts')).toMatchObject({
    events: [{ outcome: 'handled', data: { text: 'a' } }],
  });
  expect([await plugin.state.get('x'), runs]).toEqual(['ab', 1]);
});

it('returns refusals and verifications', async () => {
  await start();
  expect(await plugin.post(PATH, { body: {} })).toEqual({ status: 401, text: 'wrong signature', events: [] });
  const query = { token: SECRET, challenge: '4711' };
  expect(await plugin.post(PATH, { method: 'GET', query })).toEqual({ status: 200, text: '4711', events: [] });
  await expect(plugin.post(PATH, signed({ receipts: 5 }))).rejects.toThrow(/expected array/);
  await expect(plugin.post('/webhooks/other')).rejects.toThrow(
    'the plugin has no webhooks at /webhooks/other; it has: /webhooks/receipts',
  );
});
