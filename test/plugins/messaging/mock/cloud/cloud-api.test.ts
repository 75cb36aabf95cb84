import { beforeEach, describe, expect, it } from '@jest/globals';
import type { MockRequest } from 'esp-host';
import { CloudApi, type CloudSettings } from '../../../../../plugins/messaging/mock/cloud/cloud-api.js';
import type { Reports, SentRequest } from '../../../../../plugins/messaging/mock/cloud/reports.js';
import type { ApprovedTemplate } from '../../../../../plugins/messaging/mock/messages.js';
import { Outbox } from '../../../../../plugins/messaging/mock/outbox.js';
import { Directory } from '../../../../../plugins/messaging/mock/phone-number.js';
import type { PhoneMessage } from '../../../../../plugins/messaging/mock/phones/phone.js';
import { Phones } from '../../../../../plugins/messaging/mock/phones/phones.js';
import { Clock, DAY_MS } from '../harness.js';

const CUSTOMER = '+16315551002';
const HELLO = { namespace: 'n', name: 'hello', language: 'en', body: 'Hello {{1}}' };
const BUTTONS = [
  { type: 'URL', text: 'Open', url: 'https://x.example/{{1}}' },
  { type: 'URL', text: 'Home', url: 'https://x.example' },
  { type: 'QUICK_REPLY', text: 'Later' },
];
const TEMPLATES: ApprovedTemplate[] = [
  HELLO,
  { ...HELLO, language: 'de', body: 'Servus' },
  { ...HELLO, name: 'offer', category: 'MARKETING', status: 'APPROVED' },
  { ...HELLO, name: 'paused', status: 'PAUSED' },
  { ...HELLO, name: 'disabled', status: 'DISABLED' },
  { ...HELLO, name: 'pending', status: 'PENDING' },
  { ...HELLO, name: 'picture', body: 'Look', components: [{ type: 'HEADER', format: 'IMAGE' }] },
  { ...HELLO, name: 'titled', body: 'Look', components: [{ type: 'HEADER', text: 'To {{1}}' }] },
  { ...HELLO, name: 'fixed', body: 'Look', components: [{ type: 'HEADER', format: 'TEXT', text: 'Hi' }] },
  { ...HELLO, name: 'bare', body: 'Look', components: [{ type: 'HEADER' }, { type: 'BUTTONS' }] },
  { ...HELLO, name: 'buttons', body: 'Look', components: [{ type: 'BUTTONS', buttons: BUTTONS }] },
];

interface Sent {
  readonly customer: string | undefined;
  readonly message: PhoneMessage;
  readonly request: SentRequest;
}

const clock = new Clock();
let reported: Sent[];
let outbox: Outbox;
let phones: Phones;
let api: CloudApi;

function make(settings: Partial<CloudSettings> = {}): void {
  reported = [];
  outbox = new Outbox();
  const directory = new Directory();
  directory.add(CUSTOMER);
  phones = new Phones(directory, clock.now);
  const reports: Pick<Reports, 'sent' | 'clear'> = {
    sent: ({ customer }, message, request) => reported.push({ customer: customer.number, message, request }),
    clear: () => reported.splice(0),
  };
  api = new CloudApi(
    {
      ...{ phoneNumberId: '1064', businessAccountId: '1029', token: 't', templates: TEMPLATES },
      ...{ messagesPerSecond: 80, errors: {}, usersPerDay: undefined },
      ...settings,
    },
    { outbox, phones, reports: reports as Reports },
    clock.now,
  );
}
beforeEach(() => make());

function ask(method: string, url: string, body = '', headers: MockRequest['headers'] = { authorization: 'Bearer t' }) {
  const { pathname: path, searchParams: query } = new URL(url, 'http://x');
  const answer = api.respond({ method, path, query, headers, body });
  return { ...answer, json: JSON.parse(JSON.stringify(answer.body)) };
}

const text = (value: string) => ({ type: 'text', text: value });
const body = (...values: string[]) => ({ type: 'body', parameters: values.map(text) });

const messageTo = (to: object, template: object = {}, more: object = {}) => ({
  ...{ messaging_product: 'whatsapp', ...to, type: 'template' },
  template: { name: 'hello', language: { code: 'en' }, components: [body('Ann')], ...template },
  ...more,
});
const send = (message: object, edge = 'messages') => ask('POST', `/v26.0/1064/${edge}`, JSON.stringify(message));

/** Status, code and details of an error, or the status alone. */
function errorOf({ status, json }: ReturnType<typeof ask>): unknown[] {
  return json.error === undefined ? [status] : [status, json.error.code, json.error.error_data.details];
}

describe('a message to a number', () => {
  it('is accepted, kept, and reported', () => {
    phones.of(CUSTOMER);
    const { status, json } = send(messageTo({ to: '16315551002' }, {}, { biz_opaque_callback_data: 'r' }));
    const [{ id }] = json.messages;
    expect([status, json]).toEqual([
      200,
      {
        messaging_product: 'whatsapp',
        contacts: [{ input: '16315551002', wa_id: '16315551002' }],
        messages: [{ id: expect.stringMatching(/^wamid\.[\w+/]{32}$/), message_status: 'accepted' }],
      },
    ]);
    expect(outbox.list()).toEqual([
      {
        ...{ id, at: clock.ms, to: CUSTOMER, namespace: '', template: 'hello', language: 'en', parameters: ['Ann'] },
        ...{ text: 'Hello Ann', header: undefined, buttons: [] },
      },
    ]);
    expect(reported).toEqual([
      {
        customer: CUSTOMER,
        message: expect.objectContaining({ id, state: 'delivered', text: 'Hello Ann' }),
        request: { reference: 'r', category: 'UTILITY', isByUserId: false, behaviour: {} },
      },
    ]);
  });

  it('may be written with a plus', () => {
    const { json } = send(messageTo({ to: CUSTOMER }));
    expect(json.contacts).toEqual([{ input: CUSTOMER, wa_id: '16315551002' }]);
    expect(outbox.list()).toMatchObject([{ to: CUSTOMER }]);
  });

  it.each(['16315559999', '12345', '1'.repeat(20)])('that is not on WhatsApp fails later: %s', (to) => {
    expect(errorOf(send(messageTo({ to })))).toEqual([200]);
    expect(reported).toMatchObject([{ customer: `+${to}`, message: { state: 'failed', code: 131026 } }]);
  });

  it('fails as its fault demands', () => {
    const request = { method: 'POST', path: '/v26.0/1064/messages', query: new URLSearchParams() };
    const json = JSON.stringify(messageTo({ to: CUSTOMER }));
    const behaviour = { failed: 131049, twice: true };
    api.respond({ ...request, headers: { authorization: 'Bearer t' }, body: json }, behaviour);
    expect(reported).toMatchObject([{ message: { state: 'failed', code: 131049 }, request: { behaviour } }]);
  });

  it('has the category of its template', () => {
    expect(send(messageTo({ to: CUSTOMER }, { name: 'offer' }), 'marketing_messages').status).toBe(200);
    expect(reported).toMatchObject([{ request: { category: 'MARKETING' } }]);
  });
});

it('a message to a user id is answered without a number', () => {
  const { json } = send(messageTo({ recipient: 'US.1349' }));
  expect(json.contacts).toEqual([{ input: 'US.1349', user_id: 'US.1349' }]);
  expect(reported).toMatchObject([{ message: { state: 'delivered' }, request: { isByUserId: true } }]);
});

describe('the parts of a template', () => {
  const button = (index: unknown, kind: string, parameters: object[] = []) => ({
    ...{ type: 'button', sub_type: kind, index, parameters },
  });
  const image = (more: object) => ({ type: 'header', parameters: [{ type: 'image', image: more }] });

  it.each<[string, object[], string | undefined]>([
    ['picture', [image({ link: 'https://x.example/a.png' })], '[image] https://x.example/a.png'],
    ['picture', [image({ id: '5' })], '[image] 5'],
    ['picture', [image({ id: '5', link: 'l', filename: 'a.png' })], '[image] a.png'],
    ['picture', [image({})], '[image]'],
    ['picture', [{ type: 'header', parameters: [{ type: 'image' }] }], '[image]'],
    ['titled', [{ type: 'header', parameters: [text('Ann')] }], 'To Ann'],
    ['fixed', [], 'Hi'],
    ['bare', [], ''],
    ['buttons', [button(0, 'url', [text('a')])], undefined],
  ])('the header of %s with %j is %j', (name, components, header) => {
    expect(errorOf(send(messageTo({ to: CUSTOMER }, { name, components })))).toEqual([200]);
    expect(outbox.list().at(-1)?.header).toBe(header);
  });

  it('are the buttons, with their parameters', () => {
    const payload = button(2, 'quick_reply', [{ type: 'payload', payload: 'later' }]);
    const components = [button('0', 'url', [text('ann')]), payload];
    expect(errorOf(send(messageTo({ to: CUSTOMER }, { name: 'buttons', components })))).toEqual([200]);
    send(messageTo({ to: CUSTOMER }, { name: 'buttons', components: [button(0, 'url')] }));
    const [open, home] = [BUTTONS[0], BUTTONS[1]];
    const later = { ...BUTTONS[2], url: undefined };
    expect(outbox.list().map(({ buttons }) => buttons)).toEqual([
      [{ ...open, url: 'https://x.example/ann' }, home, { ...later, payload: 'later' }],
      [{ ...open, url: 'https://x.example/' }, home, { ...later, payload: 'Later' }],
    ]);
  });

  it.each<[string, object[], string]>([
    ['picture', [], 'header of picture: expected image, received none'],
    ['picture', [{ type: 'header', parameters: [text('a')] }], 'header of picture: expected image, received text'],
    ['titled', [], 'header of titled: expected text, received none'],
    ['titled', [image({ id: '5' })], 'header of titled: expected text, received image'],
    ['fixed', [{ type: 'header', parameters: [text('a')] }], 'header of fixed: expected none, received text'],
    ['bare', [{ type: 'header', parameters: [text('a')] }], 'header of bare: expected none, received text'],
    ['buttons', [], 'button 0 of buttons: no parameter'],
    ['buttons', [button(1, 'url')], 'button 0 of buttons: no parameter'],
    ['buttons', [button(0, 'quick_reply')], 'button 0 of buttons: is not quick_reply'],
    ['buttons', [{ type: 'button', sub_type: 'quick_reply' }], 'button 0 of buttons: is not quick_reply'],
    ['buttons', [button(0, 'url'), button(3, 'url')], 'button 3 of buttons: is not url'],
    ['bare', [button(0, 'url')], 'button 0 of bare: is not url'],
  ])('must fit %s: not %j', (name, components, details) => {
    const answer = send(messageTo({ to: CUSTOMER }, { name, components }));
    expect(errorOf(answer)).toEqual([400, 132012, details]);
    expect(outbox.list()).toEqual([]);
  });
});

describe('a message is refused', () => {
  const count = (given: number, expected: number) =>
    `body: number of localizable_params (${given}) does not match the expected number of params (${expected})`;

  it.each<[object, unknown[]]>([
    [{ name: 'none' }, [404, 132001, 'template name (none) does not exist in en']],
    [{ language: { code: 'fr' } }, [404, 132001, 'template name (hello) does not exist in fr']],
    [{ name: 'paused' }, [400, 132015, 'template paused is paused']],
    [{ name: 'disabled' }, [400, 132016, 'template disabled is disabled']],
    [{ name: 'pending' }, [404, 132001, 'template pending is PENDING']],
    [{ components: [] }, [400, 132000, count(0, 1)]],
    [{ components: [body('Ann', 'Bo')] }, [400, 132000, count(2, 1)]],
    [{ language: { code: 'de' } }, [400, 132000, count(1, 0)]],
  ])('with the template %j', (template, error) => {
    expect(errorOf(send(messageTo({ to: CUSTOMER }, template)))).toEqual(error);
    expect(outbox.list()).toEqual([]);
  });

  it('as marketing, if its template is for something else', () => {
    expect(errorOf(send(messageTo({ to: CUSTOMER }), 'marketing_messages'))).toEqual([
      ...[400, 134100, 'template hello is UTILITY: only MARKETING can be sent here'],
    ]);
  });

  it('if it is not JSON', () => {
    expect(errorOf(ask('POST', '/v26.0/1064/messages', '{'))).toEqual([400, 100, 'the body is not JSON']);
  });
});

describe('the limits', () => {
  it('are the messages of a second', () => {
    make({ messagesPerSecond: 1 });
    expect(send(messageTo({ to: CUSTOMER })).status).toBe(200);
    const refused = send(messageTo({ to: CUSTOMER }));
    expect([errorOf(refused), refused.headers]).toEqual([
      [429, 130429, 'more than 1 messages in one second'],
      { 'retry-after': '1' },
    ]);
  });

  it('are the messages to a customer', () => {
    for (let sent = 0; sent < 45; sent++) expect(send(messageTo({ to: CUSTOMER })).status).toBe(200);
    const refused = send(messageTo({ to: CUSTOMER }));
    expect([errorOf(refused), refused.headers]).toEqual([
      [429, 131056, 'too many messages to this customer'],
      { 'retry-after': '6' },
    ]);
    api.reset();
    expect(reported).toEqual([]);
    clock.ms += 1000;
    expect(send(messageTo({ to: CUSTOMER })).status).toBe(200);
  });

  it('are the customers of a day, until a reset', () => {
    make({ usersPerDay: 1 });
    const sent = (to: string) => errorOf(send(messageTo({ to })));
    const refused = [400, 131048, 'more than 1 customers in 24 hours'];
    expect([sent(CUSTOMER), sent('+15162837151'), sent(CUSTOMER)]).toEqual([[200], refused, [200]]);
    api.reset();
    expect(sent('+15162837151')).toEqual([200]);
    phones.wroteBefore('+16315551003', 'Hello', clock.ms - DAY_MS + 1);
    expect(sent('+16315551003')).toEqual([200]);
  });
});

describe('errors can be forced', () => {
  it('for the next messages, in order, until a reset', () => {
    api.failNext(131049);
    api.failNext(131026, 1);
    const next = () => errorOf(send(messageTo({ to: CUSTOMER })))[1];
    expect([next(), next(), next(), next()]).toEqual([131049, 131026, 1, undefined]);
    api.failNext(1);
    api.reset();
    expect(next()).toBeUndefined();
  });

  it('for a customer', () => {
    make({ errors: { [CUSTOMER]: 131026, 'US.1': 131031 } });
    const answers = [{ to: CUSTOMER }, { recipient: 'US.1' }, { recipient: 'US.2' }].map((to) =>
      errorOf(send(messageTo(to))),
    );
    expect(answers).toEqual([[400, 131026, 'forced by the mock'], [403, 131031, 'forced by the mock'], [200]]);
  });
});

describe('a request', () => {
  it.each<[string, MockRequest['headers'], unknown[]]>([
    ['no token', {}, [401, 0, 'no Authorization header']],
    ['another token', { authorization: 'Bearer x' }, [401, 190, 'the token is not valid']],
    ['another scheme', { authorization: 'Basic t' }, [401, 190, 'the token is not valid']],
  ])('is refused with %s', (_what, headers, error) => {
    expect(errorOf(ask('GET', '/v26.0/1029/message_templates', '', headers))).toEqual(error);
  });

  it.each<[string, string, unknown[]]>([
    ['GET', '/v26.0/1/messages', [400, 33, 'object 1 does not exist']],
    ['POST', '/v26.0/1029/messages', [400, 100, 'POST /v26.0/1029/messages: unsupported request']],
    ['GET', '/v26.0/1064/messages', [400, 100, 'GET /v26.0/1064/messages: unsupported request']],
    ['POST', '/v26.0/1064/media', [400, 100, 'POST /v26.0/1064/media: unsupported request']],
    ['POST', '/v26.0/1029/message_templates', [400, 100, 'POST /v26.0/1029/message_templates: unsupported request']],
    ['GET', '/v26.0/1064/message_templates', [400, 100, 'GET /v26.0/1064/message_templates: unsupported request']],
    ['GET', '/v26.0/1029', [400, 33, 'object undefined does not exist']],
    ['GET', '/v26.0/1029/message_templates/more', [400, 33, 'object undefined does not exist']],
    ['GET', '/x/v26.0/1029/message_templates', [400, 33, 'object undefined does not exist']],
  ])('of %s %s is refused', (method, path, error) => {
    expect(errorOf(ask(method, path))).toEqual(error);
  });

  it('throws what is no error of the API', () => {
    phones.of = () => {
      throw new RangeError('broken');
    };
    expect(() => send(messageTo({ to: CUSTOMER }))).toThrow(RangeError);
  });
});

it.each<[string, string, boolean, boolean]>([
  ['POST', '/v26.0/1064/messages', true, true],
  ['POST', '/v100.0/1064/marketing_messages', true, true],
  ['GET', '/v26.0/1064/messages', true, false],
  ['POST', '/v26.0/1064/messages/1', true, false],
  ['POST', '/v26.0/1064/sms_messages', true, false],
  ['POST', '/v1/messages', false, false],
  ['POST', '/v1000.0/messages', false, false],
  ['POST', '/api/v26.0/messages', false, false],
])('%s %s is one of Cloud API: %s; a message: %s', (method, path, isCloud, isMessage) => {
  const request = { method, path, query: new URLSearchParams(), headers: {}, body: '' };
  expect([CloudApi.has(path), CloudApi.sends(request)]).toEqual([isCloud, isMessage]);
});

describe('the list of templates', () => {
  const list = (query = '') => ask('GET', `/v26.0/1029/message_templates${query}`);
  const cursor = (place: number | string) => Buffer.from(String(place)).toString('base64url');
  const many = (count: number) => Array.from({ length: count }, (_, index) => ({ ...HELLO, name: `t${index}` }));

  it('has the fields of each', () => {
    expect(list('?limit=1').json).toEqual({
      data: [
        {
          ...{ name: 'hello', language: 'en', status: 'APPROVED', category: 'UTILITY', id: '1' },
          components: [{ type: 'BODY', text: 'Hello {{1}}' }],
        },
      ],
      paging: { cursors: { before: cursor(0), after: cursor(1) }, next: `after=${cursor(1)}` },
    });
    const { data } = list().json;
    expect(data[2]).toMatchObject({ name: 'offer', category: 'MARKETING', status: 'APPROVED', id: '3' });
    expect(data[6].components).toEqual([
      { type: 'HEADER', format: 'IMAGE' },
      { type: 'BODY', text: 'Look' },
    ]);
  });

  it('has only the fields that are asked for', () => {
    expect(list('?limit=1&fields=name,category').json.data).toEqual([{ name: 'hello', category: 'UTILITY', id: '1' }]);
  });

  it.each<[string, number, number]>([
    ['', 0, 25],
    ['?limit=0', 0, 25],
    ['?limit=many', 0, 25],
    ['?limit=26', 0, 26],
    ['?limit=100', 0, 100],
    ['?limit=101', 0, 100],
    [`?limit=2&after=${cursor(7)}`, 7, 2],
    [`?after=${cursor(0)}`, 0, 25],
  ])('of a page with %j starts at %i and has %i', (query, start, count) => {
    make({ templates: many(130) });
    const { data, paging } = list(query).json;
    expect(data.map(({ id }: { id: string }) => id)).toEqual(
      Array.from({ length: count }, (_, index) => String(start + index + 1)),
    );
    expect(paging.cursors).toEqual({ before: cursor(start), after: cursor(start + count) });
  });

  it('has no next page after the last template', () => {
    make({ templates: many(25) });
    expect(list().json.paging).toEqual({ cursors: { before: cursor(0), after: cursor(25) } });
    expect(list(`?after=${cursor(25)}`).json.data).toEqual([]);
  });

  it.each(['x', '-1', '1.5'])('has no cursor %s', (place) => {
    expect(errorOf(list(`?after=${cursor(place)}`))).toEqual([400, 100, 'after: no such cursor']);
  });
});
