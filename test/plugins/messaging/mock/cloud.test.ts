import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startWhatsAppApi, type WhatsAppApi } from '../whatsapp-api.js';
import { Clock } from './harness.js';

let api: WhatsAppApi;
const clock = new Clock();
const TEMPLATE = { namespace: 'n', language: 'en', body: 'Hello {{1}}' };
const TEMPLATES = [
  { ...TEMPLATE, name: 'hello' },
  { ...TEMPLATE, name: 'offer', category: 'MARKETING' },
  { ...TEMPLATE, name: 'paused', status: 'PAUSED' },
  { ...TEMPLATE, name: 'disabled', status: 'DISABLED' },
  { ...TEMPLATE, name: 'pending', status: 'PENDING' },
  { ...TEMPLATE, name: 'picture', components: [{ type: 'HEADER' as const, format: 'IMAGE' }] },
  {
    ...TEMPLATE,
    name: 'link',
    components: [{ type: 'BUTTONS' as const, buttons: [{ type: 'URL', url: 'https://x.example/{{1}}' }] }],
  },
];

beforeEach(async () => {
  api = await startWhatsAppApi({
    registeredNumber: '+919876543210',
    numbers: [],
    templates: TEMPLATES,
    cloud: { phoneNumberId: '1064', businessAccountId: '1029' },
    now: clock.now,
  });
});
afterEach(() => api.close());

const AUTHORIZED = { authorization: 'Bearer secret' };

async function call(path: string, init: RequestInit = { headers: AUTHORIZED }) {
  const response = await fetch(`${api.url}/v26.0${path}`, init);
  return { status: response.status, headers: response.headers, json: JSON.parse(await response.text()) };
}

const body = { type: 'body', parameters: [{ type: 'text', text: 'Ann' }] };
const message = (name = 'hello', more: object = {}, components: object[] = [body]) => ({
  messaging_product: 'whatsapp',
  to: '16315551002',
  type: 'template',
  template: { name, language: { code: 'en' }, components },
  ...more,
});

const post = (json: unknown, edge = 'messages', headers: Record<string, string> = AUTHORIZED) =>
  call(`/1064/${edge}`, { method: 'POST', headers, body: typeof json === 'string' ? json : JSON.stringify(json) });

const codeOf = async (answer: ReturnType<typeof call>) => {
  const { status, json } = await answer;
  return `${status} ${json.error?.code ?? 'sent'}`;
};

describe('a message', () => {
  it('is answered as Cloud API does', async () => {
    expect(await post(message())).toMatchObject({
      status: 200,
      json: {
        messaging_product: 'whatsapp',
        contacts: [{ input: '16315551002', wa_id: '16315551002' }],
        messages: [{ id: expect.stringMatching(/^wamid\./), message_status: 'accepted' }],
      },
    });
  });

  it('goes to the number if there are number and user id', async () => {
    await post(message('hello', { recipient: 'US.1349' }));
    await post(message('hello', { to: undefined, recipient: 'US.1349' }));
    expect(api.messages.list().map(({ to }) => to)).toEqual(['+16315551002', 'US.1349']);
  });

  it.each<[string, unknown, string, string]>([
    ['not JSON', '{', 'messages', '400 100'],
    ['no recipient', message('hello', { to: undefined }), 'messages', '400 131008'],
    ['no product', message('hello', { messaging_product: undefined }), 'messages', '400 131008'],
    ['another product', message('hello', { messaging_product: 'sms' }), 'messages', '400 131009'],
    [
      'a long text for webhooks',
      message('hello', { biz_opaque_callback_data: 'x'.repeat(513) }),
      'messages',
      '400 131009',
    ],
    ['another type', message('hello', { type: 'text' }), 'messages', '400 131051'],
    ['no template', message('hello', { template: undefined }), 'messages', '400 131008'],
    ['an unknown template', message('none'), 'messages', '404 132001'],
    ['a paused template', message('paused'), 'messages', '400 132015'],
    ['a disabled template', message('disabled'), 'messages', '400 132016'],
    ['a pending template', message('pending'), 'messages', '404 132001'],
    ['too few parameters', message('hello', {}, []), 'messages', '400 132000'],
    ['no picture', message('picture'), 'messages', '400 132012'],
    ['no suffix', message('link'), 'messages', '400 132012'],
    [
      'a wrong button',
      message('hello', {}, [body, { type: 'button', sub_type: 'url', index: '0' }]),
      'messages',
      '400 132012',
    ],
    ['a marketing template', message('offer'), 'marketing_messages', '200 sent'],
    ['a marketing template as any other', message('offer'), 'messages', '200 sent'],
    ['another template as marketing', message('hello'), 'marketing_messages', '400 134100'],
    ['an unknown edge', message('hello'), 'media', '400 100'],
  ])('with %s', async (_what, json, edge, expected) => expect(await codeOf(post(json, edge))).toBe(expected));

  it('needs the token', async () => {
    expect(await codeOf(post(message(), 'messages', {}))).toBe('401 0');
    expect(await codeOf(post(message(), 'messages', { authorization: 'Bearer hunter2' }))).toBe('401 190');
    expect(api.messages.list()).toEqual([]);
  });

  it('can go to one customer 45 times, and then every 6 s', async () => {
    for (let sent = 0; sent < 45; sent++) {
      expect(await codeOf(post(message()))).toBe('200 sent');
      clock.ms += sent % 9 === 0 ? 100 : 0;
    }
    const refused = await post(message());
    expect(refused.json.error.code).toBe(131056);
    expect(refused.headers.get('retry-after')).toBe('6');
    clock.ms += 6000;
    expect(await codeOf(post(message()))).toBe('200 sent');
  });

  it('can be made to fail', async () => {
    api.cloud.failNext(131049, 1);
    expect(await codeOf(post(message()))).toBe('400 131049');
    expect(await codeOf(post(message()))).toBe('400 1');
    expect(await codeOf(post(message()))).toBe('200 sent');
    api.cloud.failNext(131049);
    api.cloud.reset();
    expect(await codeOf(post(message()))).toBe('200 sent');
  });
});

describe('the templates', () => {
  it('come in pages', async () => {
    const names: string[] = [];
    let after = '';
    for (let page = 0; page < 4; page++) {
      const { json } = await call(`/1029/message_templates?fields=name,status&limit=3${after && `&after=${after}`}`);
      for (const { name, ...rest } of json.data) {
        names.push(name);
        expect(Object.keys(rest)).toEqual(['status', 'id']);
      }
      after = json.paging.next === undefined ? '' : json.paging.cursors.after;
      if (after === '') break;
    }
    expect(names).toEqual(TEMPLATES.map(({ name }) => name));
  });

  it('have their components', async () => {
    const { json } = await call('/1029/message_templates');
    expect(json.data[5]).toMatchObject({
      ...{ name: 'picture', language: 'en', status: 'APPROVED', category: 'UTILITY' },
      components: [
        { type: 'HEADER', format: 'IMAGE' },
        { type: 'BODY', text: 'Hello {{1}}' },
      ],
    });
  });

  it('have no such cursor', async () => {
    expect(await codeOf(call('/1029/message_templates?after=eA'))).toBe('400 100');
  });
});

it('another object does not exist', async () => {
  expect(await codeOf(call('/1/messages'))).toBe('400 33');
});

it('the On-Premises API is there too', async () => {
  expect((await fetch(`${api.url}/v1/health`)).status).toBe(401);
});
