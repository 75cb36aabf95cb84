import { afterEach, describe, expect, it } from '@jest/globals';
import { userIdOf } from '../../../../plugins/messaging/mock/phones/customer.js';
import { AdminClient } from '../../../mock-platform/admin/setting.js';
import { CloudPlatform, CUSTOMER, INDIA } from './cloud-platform.js';

let cloud = new CloudPlatform();
afterEach(async () => {
  await cloud.end();
  cloud = new CloudPlatform();
});

const OTHER = '+15162837151';
const pathOf = (customer: string, what: string) => `/api/whatsapp/phones/${encodeURIComponent(customer)}/${what}`;

async function start(): Promise<AdminClient> {
  await cloud.start();
  return AdminClient.of(cloud.platform);
}

describe('the phones in the admin API', () => {
  it('are those with messages, and those of the directory', async () => {
    const api = await start();
    const id = await cloud.invite(OTHER);
    await cloud.until('delivered');
    const { json } = await api.get('/api/whatsapp');
    const entry = { id: expect.any(Number), referenceId: expect.any(Number) };
    expect(json.phones).toEqual([
      {
        ...{ customer: OTHER, userId: userIdOf(OTHER), state: 'on', off: false, blocked: false, unread: true },
        messages: [
          {
            ...{ id, at: expect.any(Number), own: false, title: 'Hello Ann', state: 'delivered', entry },
            text: 'Our support team writes to you.',
            note: 'the host was told: sent, delivered',
            choices: [
              { title: 'Open the chat', note: 'https://chat.example/ann', answers: false },
              { title: 'Later', answers: true },
            ],
          },
        ],
      },
      {
        ...{ customer: CUSTOMER, userId: userIdOf(CUSTOMER), state: 'on', off: false, blocked: false, unread: false },
        messages: [],
      },
    ]);
    expect(json.webhooks).toMatchObject([
      { event: 'delivered', customer: OTHER, message: id, state: 'handled', attempts: 1, answer: '200' },
      { event: 'sent' },
    ]);
  });

  it('do what a customer can do', async () => {
    const api = await start();
    const message = await cloud.invite();
    expect((await api.post(pathOf(CUSTOMER, 'read'))).status).toBe(200);
    await cloud.until('read');
    await api.post(pathOf(CUSTOMER, 'messages'), { text: 'Hello' });
    await api.post(pathOf(CUSTOMER, 'buttons'), { message, button: 'Later' });
    await api.put(pathOf(CUSTOMER, 'blocked'), { blocked: true });
    await api.put(pathOf(OTHER, 'off'), { off: true });
    const { json } = await api.get('/api/whatsapp');
    expect(json.phones).toMatchObject([
      {
        ...{ customer: CUSTOMER, state: 'blocks the business' },
        messages: [{ state: 'read' }, { text: 'Hello', own: true }, { text: 'Later', own: true }],
      },
      { customer: OTHER, state: 'off' },
    ]);
  });

  it.each<[string, string, string, object, string]>([
    ['a customer without a number', 'Ann', 'read', {}, "path.customer: 'Ann' is not in E.164 format"],
    ['an empty text', CUSTOMER, 'messages', { text: '' }, 'body.text: must not be empty'],
    ['a button that is missing', CUSTOMER, 'buttons', { message: 'x', button: 'Yes' }, "has no button 'Yes'"],
  ])('refuse %s', async (_what, customer, route, body, problem) => {
    const { status, json } = await (await start()).post(pathOf(customer, route), body);
    expect([status, json.error]).toEqual([400, expect.stringContaining(problem)]);
  });

  it('let Cloud API refuse a message, and post webhooks again', async () => {
    const api = await start();
    await api.post('/api/whatsapp/cloud/fail-next', { code: 131049 });
    expect(await cloud.invite()).toMatch(/^920 .*error 131049/);
    cloud.platform.faults.add({ kind: 'whatsapp.webhooks', hold: true } as never);
    await cloud.invite();
    expect(cloud.posted).toEqual([]);
    await api.post('/api/whatsapp/webhooks/release');
    await cloud.until('delivered');
    expect((await api.post('/api/whatsapp/webhooks/retry')).status).toBe(200);
  });

  it('are drawn by the console from a description', async () => {
    const { json } = await (await start()).get('/api/panels');
    const [panel] = json;
    expect(panel.sections[0]).toMatchObject({
      title: 'Phones',
      conversations: {
        ...{ rows: 'phones', title: 'customer', messages: 'messages', empty: 'No customers yet.' },
        fields: [{ value: 'state' }],
        actions: expect.arrayContaining([
          {
            ...{ title: 'Unblock', method: 'PUT', path: 'whatsapp/phones/:customer/blocked', form: null },
            ...{ values: { blocked: false }, row: { customer: 'customer' }, when: { blocked: true } },
          },
        ]),
        write: { path: 'whatsapp/phones/:customer/messages', form: { required: ['text'] } },
        choose: { row: { customer: 'customer', message: 'message', button: 'choice' }, form: null },
      },
    });
    expect(panel.description).toContain(INDIA);
  });
});
