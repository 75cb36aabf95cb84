import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import type { FaultDefinition } from 'esp-host/mock';
import { userIdOf } from '../../../../plugins/messaging/mock/phones/customer.js';
import { file, removeFolders } from '../../../support/files.js';
import { make } from '../../../support/tls.js';
import { APP_SECRET, type CloudOptions, CloudPlatform, CUSTOMER, INDIA, NOBODY } from './cloud-platform.js';

let cloud = new CloudPlatform();
afterEach(async () => {
  await cloud.end();
  cloud = new CloudPlatform();
});

afterAll(removeFolders);

const start = (options?: CloudOptions): Promise<CloudPlatform> => cloud.start(options);

/** What the bodies of the mock's webhooks say: the value of their only change. */
const valuesOf = (event: string): object[] =>
  cloud.whatsapp.webhooks
    .list()
    .filter(({ about }) => about.event === event)
    .map(({ body }) => (body as { entry: { changes: { value: object }[] }[] }).entry[0]?.changes[0]?.value ?? {});

const [BUSINESS, ID] = [{ display_phone_number: INDIA.slice(1), phone_number_id: '1064' }, CUSTOMER.slice(1)];

describe('the webhooks of a message', () => {
  it('are handled by the host, in order', async () => {
    await start();
    const message = await cloud.invite();
    await cloud.until('delivered', { message });
    expect(cloud.posted).toEqual(['sent', 'delivered']);
    cloud.whatsapp.phones.read(CUSTOMER);
    await cloud.until('read', { message });
    expect(await Promise.all(['sent', 'delivered', 'read', 'failed'].map((one) => cloud.counted(one)))).toEqual([
      1, 1, 1, 0,
    ]);
    expect(cloud.whatsapp.webhooks.list().map(({ state, answer }) => [state, answer])).toEqual([
      ['handled', '200'],
      ['handled', '200'],
      ['handled', '200'],
    ]);
  });

  it('have the form of Cloud API', async () => {
    await start();
    const id = await cloud.invite();
    await cloud.until('delivered');
    const userId = userIdOf(CUSTOMER);
    expect(valuesOf('sent')).toEqual([
      {
        messaging_product: 'whatsapp',
        metadata: BUSINESS,
        contacts: [{ profile: { name: 'Customer 1002' }, wa_id: ID, user_id: userId }],
        statuses: [
          {
            ...{ id, status: 'sent', recipient_id: ID, recipient_user_id: userId },
            timestamp: expect.stringMatching(/^\d{10}$/),
            biz_opaque_callback_data: expect.stringMatching(/./),
            conversation: {
              id: expect.stringMatching(/^[\da-f]{32}$/),
              expiration_timestamp: expect.stringMatching(/^\d{10}$/),
              origin: { type: 'utility' },
            },
            pricing: { billable: true, pricing_model: 'PMP', type: 'regular', category: 'utility' },
          },
        ],
      },
    ]);
    expect(userId).toMatch(/^US\.\d{17,20}$/);
  });

  it('have no number if the message went to a user id', async () => {
    await start();
    const userId = userIdOf(CUSTOMER);
    const id = await cloud.invite(userId);
    await cloud.until('delivered', { customer: CUSTOMER });
    const [value] = valuesOf('delivered');
    expect(value).toMatchObject({ statuses: [{ id, recipient_user_id: userId }], contacts: [{ user_id: userId }] });
    expect(JSON.stringify(value)).not.toContain(ID);
  });

  it('say that a number that is not on WhatsApp cannot get it', async () => {
    await start();
    const id = await cloud.invite(NOBODY);
    expect(id).toMatch(/^wamid\./);
    await cloud.until('failed');
    expect(cloud.posted).toEqual(['failed']);
    expect(valuesOf('failed')).toEqual([
      {
        messaging_product: 'whatsapp',
        metadata: BUSINESS,
        statuses: [
          {
            ...{ id, status: 'failed', recipient_id: NOBODY.slice(1) },
            timestamp: expect.any(String),
            biz_opaque_callback_data: expect.any(String),
            errors: [expect.objectContaining({ code: 131026, title: 'Message undeliverable' })],
          },
        ],
      },
    ]);
    expect(await cloud.log.line(/whatsapp did not deliver a message/)).toContain('code=131026');
  });

  it('say that a customer who blocks the business cannot get it', async () => {
    await start({ settings: { blockedBy: [CUSTOMER] } });
    await cloud.invite();
    await cloud.until('failed');
    cloud.whatsapp.phones.setBlocking(CUSTOMER, false);
    await cloud.invite();
    await cloud.until('delivered');
    expect(cloud.posted).toEqual(['failed', 'sent', 'delivered']);
  });

  it('wait for a phone that is off', async () => {
    await start();
    cloud.whatsapp.phones.setOff(CUSTOMER, true);
    await cloud.invite();
    await cloud.until('sent');
    expect(() => cloud.whatsapp.phones.read(CUSTOMER)).toThrow('the phone is off');
    expect(cloud.posted).toEqual(['sent']);
    cloud.whatsapp.phones.setOff(CUSTOMER, false);
    await cloud.until('delivered');
  });
});

describe('a customer', () => {
  it('writes', async () => {
    await start();
    await cloud.invite();
    await cloud.until('delivered');
    const { id } = cloud.whatsapp.phones.write(CUSTOMER, 'Who is this?');
    await cloud.until('message', { message: id });
    await cloud.until('read');
    expect(valuesOf('message')).toEqual([
      {
        messaging_product: 'whatsapp',
        metadata: BUSINESS,
        contacts: [{ profile: { name: 'Customer 1002' }, wa_id: ID, user_id: userIdOf(CUSTOMER) }],
        messages: [
          {
            ...{ from: ID, from_user_id: userIdOf(CUSTOMER), id, timestamp: expect.any(String) },
            ...{ type: 'text', text: { body: 'Who is this?' } },
          },
        ],
      },
    ]);
    expect(await cloud.counted('message')).toBe(1);
  });

  it('presses a button', async () => {
    await start();
    const id = await cloud.invite();
    cloud.whatsapp.phones.press(CUSTOMER, id, 'Later');
    await cloud.until('message');
    expect(valuesOf('message')).toMatchObject([
      { messages: [{ type: 'button', button: { payload: 'later', text: 'Later' }, context: { id } }] },
    ]);
    expect(() => cloud.whatsapp.phones.press(CUSTOMER, id, 'Open the chat')).toThrow(/has no button/);
  });

  it('sees the template as it was filled in', async () => {
    await start();
    await cloud.invite();
    expect(cloud.whatsapp.phones.of(CUSTOMER).messages).toMatchObject([
      {
        ...{ header: 'Hello Ann', text: 'Our support team writes to you.', state: 'delivered' },
        buttons: [
          { type: 'URL', text: 'Open the chat', url: 'https://chat.example/ann' },
          { type: 'QUICK_REPLY', text: 'Later', payload: 'later' },
        ],
      },
    ]);
  });

  it('who blocks the business cannot write to it', async () => {
    await start({ settings: { blockedBy: [CUSTOMER] } });
    expect(() => cloud.whatsapp.phones.write(CUSTOMER, 'Hello')).toThrow(/unblock it first/);
  });
});

describe('the fault whatsapp.webhooks', () => {
  const inject = (behaviour: object): void => {
    cloud.platform.faults.add({ kind: 'whatsapp.webhooks', ...behaviour } as FaultDefinition);
  };

  it.each<[string, object, string[]]>([
    ['twice', { twice: true }, ['sent', 'sent', 'delivered', 'delivered']],
    ['in reverse order', { reversed: true }, ['delivered', 'sent']],
    ['without delivered', { noDelivered: true }, ['sent']],
    ['late', { delayMs: 1 }, ['sent', 'delivered']],
    ['for the template alone', { body: '/chat_invitation/', reversed: true }, ['delivered', 'sent']],
    ['for the number alone', { body: '/16315551002/', reversed: true }, ['delivered', 'sent']],
    ['for another number', { body: '/15162837151/', reversed: true }, ['sent', 'delivered']],
    ['for the request', { match: { method: 'InviteToChat' }, reversed: true }, ['delivered', 'sent']],
    ['for another request', { match: { method: 'ValidateContact' }, reversed: true }, ['sent', 'delivered']],
  ])('posts them %s', async (_what, behaviour, expected) => {
    await start();
    inject(behaviour);
    await cloud.invite();
    const last = expected.at(-1) ?? '';
    await cloud.until(last);
    await Promise.all(expected.map((event) => cloud.until(event)));
    expect(cloud.posted).toEqual(expected);
    expect(await cloud.counted('sent')).toBe(1);
  });

  it('holds them until they are released, while others come', async () => {
    await start();
    inject({ hold: true, times: 1 });
    const held = await cloud.invite();
    await cloud.until('delivered', { message: await cloud.invite() });
    expect(cloud.whatsapp.webhooks.list().map(({ state }) => state)).toEqual(['held', 'held', 'handled', 'handled']);
    cloud.whatsapp.webhooks.release();
    await cloud.until('delivered', { message: held });
  });

  it('lets the message fail, with a code', async () => {
    await start();
    inject({ failed: 131049 });
    await cloud.invite();
    await cloud.until('failed');
    expect(cloud.posted).toEqual(['failed']);
    expect(await cloud.log.line(/whatsapp did not deliver a message/)).toContain('code=131049');
  });

  it('posts none, even if the message is read', async () => {
    await start();
    inject({ never: true, times: 1 });
    await cloud.invite();
    cloud.whatsapp.phones.read(CUSTOMER);
    await cloud.until('delivered', { message: await cloud.invite() });
    expect(cloud.posted).toEqual(['sent', 'delivered']);
    expect(cloud.whatsapp.webhooks.list().map(({ state }) => state)).toEqual([
      ...Array(3).fill('withheld'),
      ...Array(2).fill('handled'),
    ]);
  });

  it('does not concern other calls', async () => {
    await start();
    inject({ twice: true });
    await fetch(`${cloud.upstream.url}/v1/health`);
    expect(cloud.platform.faults.list()).toMatchObject([{ hits: 0 }]);
  });
});

describe('a webhook that the host refuses', () => {
  const refused = { secret: 'hunter3' };

  it('is posted again, and then given up', async () => {
    await start({ ...refused, cloud: { webhooks: { appSecret: APP_SECRET, retryMs: [1, 1] } } });
    await cloud.invite();
    await cloud.log.line(/a webhook was given up .*event=delivered/);
    expect(cloud.whatsapp.webhooks.list()).toMatchObject([
      { state: 'given up', attempts: 3, answer: expect.stringMatching(/^401 .*X-Hub-Signature-256/) },
      { state: 'given up', attempts: 3 },
    ]);
    expect(cloud.log.lines.join('\n')).not.toContain(APP_SECRET);
  });

  it('waits, can be posted again at once, and is forgotten by a reset', async () => {
    await start(refused);
    await cloud.invite();
    const attempts = (count: number) =>
      cloud.upstream.webhooks
        .until({ about: { event: 'delivered' }, outcome: 'refused' })
        .then(() => expect(cloud.posted).toHaveLength(count));
    await attempts(2);
    const [sent] = cloud.whatsapp.webhooks.list();
    expect(sent).toMatchObject({ state: 'waiting', attempts: 1 });
    expect((sent?.nextAt ?? 0) - (sent?.at ?? 0)).toBeGreaterThanOrEqual(1000);
    cloud.upstream.webhooks.clear();
    cloud.whatsapp.webhooks.retry();
    await attempts(2);
    cloud.platform.reset();
    expect(cloud.whatsapp.webhooks.list()).toEqual([]);
    expect(cloud.whatsapp.phones.list()).toEqual([]);
  });

  it('is not one to a listener with TLS, whatever its certificate', async () => {
    const { certificate, key } = await make('hooks.example', ['hooks.example']);
    await start({ tls: { certificate: file('host.pem', certificate), key: file('host.key', key) } });
    await cloud.invite();
    await cloud.until('delivered');
  });

  it('fails without a listener', async () => {
    await start({ listens: false });
    await cloud.invite();
    const failed = await cloud.upstream.webhooks.until({ outcome: 'failed' });
    expect(failed).toMatchObject({ error: 'config.yaml has no listeners.webhooks' });
  });
});

it('waiting for a webhook that does not come says what came', async () => {
  await start();
  await cloud.invite();
  await cloud.until('delivered');
  const waiting = cloud.upstream.webhooks.until({ about: { event: 'read' } }, { timeoutMs: 1 });
  await expect(waiting).rejects.toMatchObject({
    code: 'ESP_MOCK_WEBHOOK_TIMEOUT',
    posted: [expect.stringMatching(/"event":"sent".* handled 200$/), expect.stringMatching(/"event":"delivered"/)],
  });
});

describe('the limit of the portfolio', () => {
  it('refuses more customers than a day allows', async () => {
    await start({ cloud: { usersPerDay: 1, webhooks: { appSecret: APP_SECRET } } });
    expect(await cloud.invite()).toMatch(/^wamid/);
    expect(await cloud.invite('+15162837151')).toMatch(/^920 .*error 131048/);
    expect(await cloud.invite()).toMatch(/^wamid/);
  });

  it('does not count customers who have written', async () => {
    await start({ cloud: { usersPerDay: 1, webhooks: { appSecret: APP_SECRET } } });
    cloud.whatsapp.phones.write('+15162837151', 'Hello');
    expect(await cloud.invite()).toMatch(/^wamid/);
    expect(await cloud.invite('+15162837151')).toMatch(/^wamid/);
  });
});

describe('a strategy', () => {
  const strategy = (waitFor: object, timeoutMs = 10_000): string =>
    file(
      'invite.yaml',
      JSON.stringify({
        name: 'Invite',
        data: { Number: CUSTOMER },
        steps: [
          {
            id: 'invite',
            externalService: {
              ...{ appName: 'DMS', service: 'ChatService', method: 'InviteToChat' },
              parameters: { _umsClientId: '{{Number}}', _umsBusinessId: INDIA },
            },
            save: 'invited',
          },
          {
            id: 'then',
            waitFor,
            externalService: {
              ...{ appName: 'DMS', service: 'Messaging', method: 'ValidateContact', parameters: { Id: '{{Number}}' } },
              timeoutMs,
            },
            on: { timeout: 'late' },
          },
          { id: 'told', routeTo: 'Told' },
          { id: 'late', routeTo: 'Late' },
        ],
      }),
    );
  const about = { message: '{{invited.MessageId}}', customer: '{{Number}}' };

  it('goes on when the host has handled a webhook', async () => {
    await start();
    const waitFor = { upstream: 'whatsapp', webhook: { ...about, event: '/delivered|failed/' } };
    const run = await cloud.platform.strategy(strategy(waitFor), { Number: NOBODY });
    expect(run.end).toMatchObject({ kind: 'routed', routedTo: 'Told' });
    expect(await cloud.counted('failed')).toBe(1);
  });

  it('times out without it, and sends no request', async () => {
    await start();
    const waitFor = { upstream: 'whatsapp', webhook: { ...about, event: 'read' } };
    const { end } = await cloud.platform.strategy(strategy(waitFor, 1));
    expect(end).toMatchObject({ kind: 'routed', routedTo: 'Late' });
    expect(cloud.platform.verify({ method: 'ValidateContact', times: 0 })).toMatchObject({ ok: true });
  });

  it('cannot wait for an unknown upstream', async () => {
    await start();
    const waiting = cloud.platform.strategy(strategy({ upstream: 'watsapp', webhook: {} }));
    await expect(waiting).rejects.toMatchObject({ code: 'ESP_MOCK_UNKNOWN_UPSTREAM' });
  });
});
