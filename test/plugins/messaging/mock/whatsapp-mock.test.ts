import { beforeEach, describe, expect, it } from '@jest/globals';
import { type MockHandler, type MockRequest, type MockResponse, type MockWebhookAnswer, Secret } from 'esp-host';
import mock, { type WhatsAppMock } from '../../../../plugins/messaging/mock/index.js';
import { LogLines } from '../../../support/log-lines.js';
import { Clock } from './harness.js';

const [CUSTOMER, OTHER, THIRD] = ['+16315551002', '+15162837151', '+5491156121008'] as const;
const TEMPLATE = { namespace: 'n', name: 'hello', language: 'en', body: 'Hello' };
const clock = new Clock();
let log: LogLines;
let changes: number;
let answer: MockWebhookAnswer;
let handler: MockHandler;

beforeEach(() => {
  log = new LogLines();
  changes = 0;
  answer = { status: 200, text: '', handled: Promise.resolve(true) };
});

const start = (settings: object = {}): Promise<WhatsAppMock> =>
  mock.start({
    ...{ name: 'whatsapp', now: clock.now, logger: log.logger, calls: () => [], journal: () => [] },
    settings: mock.settings.parse({ numbers: [CUSTOMER, OTHER], templates: [TEMPLATE], ...settings }),
    serve: async (given) => {
      handler = given;
      return 'http://mock';
    },
    changed: () => {
      changes++;
    },
    post: async () => answer,
  }) as Promise<WhatsAppMock>;

const request = (path: string, more: Partial<MockRequest> = {}): MockRequest => ({
  ...{
    method: 'POST',
    path,
    query: new URLSearchParams(),
    headers: { authorization: 'Bearer secret' },
    body: '',
    ...more,
  },
});
const SEND = request('/v26.0/106540352242922/messages', {
  body: JSON.stringify({
    ...{ messaging_product: 'whatsapp', to: CUSTOMER, type: 'template' },
    template: { name: 'hello', language: { code: 'en' } },
  }),
});

describe('the WhatsApp mock', () => {
  it('answers for both APIs, each with its own errors', async () => {
    await start();
    expect(await handler.respond(SEND)).toMatchObject({ status: 200, body: { messaging_product: 'whatsapp' } });
    expect(await handler.respond(request('/v26.0/1/x'))).toMatchObject({ status: 400, body: { error: { code: 33 } } });
    expect(await handler.respond(request('/v1/x'))).toMatchObject({ status: 404, body: { errors: [{ code: 1006 }] } });
  });

  it('has kinds of faults for each API', async () => {
    const { faults } = await start();
    const paths = [SEND.path, '/v26.0/1029/message_templates', '/v1/messages'];
    const concerned = Object.entries(faults).map(([kind, { concerns }]) => [
      kind,
      ...paths.filter((path) => concerns?.(request(path))),
    ]);
    expect(concerned).toEqual([
      ['apiError', '/v1/messages'],
      ['cloudError', SEND.path, '/v26.0/1029/message_templates'],
      ['webhooks', SEND.path],
    ]);
    const respond = (kind: string, settings: Record<string, unknown>) =>
      faults[kind]?.respond(settings, SEND) as MockResponse;
    expect(respond('apiError', { code: 1005, details: 'x' }).body).toMatchObject({ meta: { version: '2.41.3' } });
    expect(respond('cloudError', { code: 1, details: 'x' })).toMatchObject({ status: 400 });
  });

  it('sends a message with the webhooks of its fault', async () => {
    const whatsapp = await start();
    expect(whatsapp.faults.webhooks?.respond({ hold: true }, SEND)).toMatchObject({ status: 200 });
    expect(whatsapp.webhooks.list().map(({ about, state }) => [about.event, state])).toEqual([
      ['sent', 'held'],
      ['delivered', 'held'],
    ]);
  });

  it('loads its page again after a message', async () => {
    const whatsapp = await start();
    whatsapp.messages.add({
      ...{ id: 'm', at: 1, to: CUSTOMER, namespace: '', template: 't', language: 'en', parameters: [], text: '' },
    });
    expect(changes).toBe(1);
  });

  it('reports what happens on phones with webhooks', async () => {
    const whatsapp = await start();
    whatsapp.phones.write(CUSTOMER, 'Hello');
    expect(whatsapp.webhooks.list().map(({ about }) => about.event)).toEqual(['message']);
  });

  it('posts nothing after it has stopped', async () => {
    const whatsapp = await start();
    whatsapp.stop();
    whatsapp.phones.write(CUSTOMER, 'Hello');
    await new Promise(setImmediate);
    expect(whatsapp.webhooks.list()).toMatchObject([{ attempts: 0 }]);
  });
});

describe('settings that change', () => {
  it('are only the given ones', async () => {
    const whatsapp = await start({ blockedBy: [CUSTOMER] });
    await whatsapp.configure({});
    expect([whatsapp.version, whatsapp.directory.list()]).toEqual(['2.41.3', [CUSTOMER, OTHER]]);
    expect(whatsapp.phones.of(CUSTOMER).isBlocking).toBe(true);
    await whatsapp.configure({ blockedBy: [OTHER], version: '2.45.1', numbers: [THIRD], password: new Secret('p') });
    expect([whatsapp.version, whatsapp.directory.list()]).toEqual(['2.45.1', [THIRD]]);
    expect([CUSTOMER, OTHER].map((one) => whatsapp.phones.of(one).isBlocking)).toEqual([false, true]);
  });

  it('come back with a reset, which forgets everything else', async () => {
    const whatsapp = await start({ blockedBy: [CUSTOMER] });
    await whatsapp.configure({ blockedBy: [OTHER], version: '2.45.1', numbers: [THIRD], password: new Secret('p') });
    whatsapp.phones.write(CUSTOMER, 'Hello');
    whatsapp.cloud.failNext(1);
    await handler.respond(SEND);
    await handler.respond(SEND);
    whatsapp.reset();
    expect([whatsapp.version, whatsapp.directory.list()]).toEqual(['2.41.3', [CUSTOMER, OTHER]]);
    expect([whatsapp.messages.list(), whatsapp.webhooks.list()]).toEqual([[], []]);
    expect(whatsapp.phones.list()).toMatchObject([{ customer: { number: CUSTOMER }, isBlocking: true, messages: [] }]);
    const login = { authorization: `Basic ${Buffer.from('admin:secret').toString('base64')}` };
    expect(await handler.respond(request('/v1/users/login', { headers: login }))).toMatchObject({ status: 200 });
  });

  it('are not those of the API: errors that were to come are gone, and lookups are made again', async () => {
    const whatsapp = await start();
    const { token } = whatsapp.tokens.issue();
    const body = JSON.stringify({ blocking: 'wait', contacts: [THIRD] });
    const contacts = () =>
      handler.respond(request('/v1/contacts', { headers: { authorization: `Bearer ${token}` }, body }));
    expect(await contacts()).toMatchObject({ body: { contacts: [{ status: 'invalid' }] } });
    whatsapp.cloud.failNext(1);
    whatsapp.reset();
    whatsapp.directory.add(THIRD);
    expect(await contacts()).toMatchObject({ body: { contacts: [{ status: 'valid' }] } });
    expect(await handler.respond(SEND)).toMatchObject({ status: 200 });
  });
});

describe('customers who have written before', () => {
  const written = (whatsapp: WhatsAppMock) =>
    whatsapp.phones
      .list()
      .map(({ customer, messages }) => [customer.number, messages.map(({ at, text }) => [at, text])]);

  it('wrote a second before the host started', async () => {
    const whatsapp = await start({ writtenBy: [CUSTOMER, OTHER] });
    expect(written(whatsapp)).toEqual([]);
    await whatsapp.hostStarted({ receivesWebhooks: true });
    const messages = [[clock.ms - 1000, 'Hello']];
    expect(written(whatsapp)).toEqual([
      [OTHER, messages],
      [CUSTOMER, messages],
    ]);
    expect(log.lines).toEqual([]);
  });

  it('are none by default', async () => {
    const whatsapp = await start();
    await whatsapp.hostStarted({ receivesWebhooks: true });
    expect(written(whatsapp)).toEqual([]);
  });

  it('are nothing to a host without webhooks', async () => {
    const whatsapp = await start({ writtenBy: [CUSTOMER] });
    await whatsapp.hostStarted({ receivesWebhooks: false });
    await whatsapp.configure({ writtenBy: [OTHER] });
    expect(written(whatsapp)).toEqual([]);
  });

  it('may be unknown to the host, which the log says', async () => {
    answer = { status: 403, text: 'no', handled: Promise.resolve(false) };
    const whatsapp = await start({ writtenBy: [CUSTOMER] });
    await whatsapp.hostStarted({ receivesWebhooks: true });
    expect(log.lines).toEqual([
      expect.stringMatching(/WARN {2}the host does not know who has written before: 403 no$/),
    ]);
    whatsapp.stop();
  });

  it('can be set while the host runs', async () => {
    const whatsapp = await start();
    await whatsapp.hostStarted({ receivesWebhooks: true });
    await whatsapp.configure({ numbers: [THIRD], writtenBy: [THIRD] });
    expect(written(whatsapp)).toEqual([[THIRD, [[clock.ms - 1000, 'Hello']]]]);
    await expect(whatsapp.configure({ writtenBy: [THIRD, OTHER] })).rejects.toMatchObject({
      ...{ name: 'OptionError', code: 'ESP_MESSAGING_MOCK_INVALID_OPTION', option: 'writtenBy[1]' },
      message: 'WhatsApp API: writtenBy[1]: must be one of numbers',
    });
  });
});
