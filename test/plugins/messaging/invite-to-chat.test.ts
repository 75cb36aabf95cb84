import { describe, expect, it } from '@jest/globals';
import { espMatchers, type FakeReply, fakeHttp, testPlugin } from 'esp-host/testing';
import messaging from '../../../plugins/messaging/index.js';
import { InviteToChat } from '../../../plugins/messaging/invite-to-chat.js';
import { openApi } from '../../../src/adapters/http/openapi.js';
import { methodDefinition } from '../../../src/host/method.js';
import { until } from '../../support/eventually.js';

expect.extend(espMatchers);

const URL = 'http://whatsapp.example';
const METHOD = 'ChatService.InviteToChat';
const ASKED = { _umsClientId: '+1-631-555-1002', _umsBusinessId: '+919876543210' };

const login: FakeReply = { method: 'POST', url: `${URL}/v1/users/login`, json: { users: [{ token: 't-1' }] } };
const messages = (reply: Partial<FakeReply>): FakeReply => ({ method: 'POST', url: `${URL}/v1/messages`, ...reply });
const SENT = messages({ json: { messages: [{ id: 'gBEG1' }], meta: { version: '2.41.3' } } });

const TEMPLATES = {
  welcome: { namespace: 'n_1', name: 'chat_invitation', language: { code: 'en_US' }, parameters: ['team', '5 pm'] },
  'SR 2': { namespace: 'n_1', name: 'chat_farewell', language: { code: 'es', policy: 'fallback' } },
};

/** The plugin on a channel with these invitations, before an API that gives these replies. */
async function plugin(
  replies: readonly FakeReply[],
  invitations: object = { templates: TEMPLATES, default: 'welcome' },
  http = fakeHttp(replies),
) {
  const api = { driver: 'on-premises', url: URL, username: 'admin', password: 'hush' };
  const contacts = { from: 'contacts-endpoint' };
  const whatsapp = { type: 'whatsapp', phoneNumber: '+919876543210', api, contacts, invitations };
  return testPlugin(messaging, { http, channels: { whatsapp } });
}

const invite = async (replies: readonly FakeReply[], parameters: object = {}, invitations?: object) =>
  (await plugin(replies, invitations)).call(METHOD, { ...ASKED, ...parameters });

const failed = (why: string): string => `whatsapp failed to execute request ${METHOD}: ${why}`;
const UNKNOWN = 'whether it was done is unknown';

describe('the sent message', () => {
  const sent = (outcome: { upstream: readonly { url: string; body: string }[] }) =>
    outcome.upstream.filter(({ url }) => url.endsWith('/v1/messages')).map(({ body }) => JSON.parse(body));

  it('is the default template, to the digits of the number, with its parameters', async () => {
    const outcome = await invite([login, SENT]);
    expect(outcome).toBeEspResponse({ MessageId: 'gBEG1' });
    const parameters = [
      { type: 'text', text: 'team' },
      { type: 'text', text: '5 pm' },
    ];
    const template = {
      namespace: 'n_1',
      name: 'chat_invitation',
      language: { code: 'en_US', policy: 'deterministic' },
      components: [{ type: 'body', parameters }],
    };
    expect(sent(outcome)).toEqual([{ to: '16315551002', type: 'template', template }]);
    expect(outcome.upstream.at(-1)?.headers).toMatchObject({ authorization: 'Bearer t-1' });
  });

  it('is the template that StandardResponseId names', async () => {
    const outcome = await invite([login, SENT], { StandardResponseId: 'SR 2', ChatQueueKey: '101:session-WA-sendSR' });
    expect(outcome).toBeEspResponse({ MessageId: 'gBEG1' });
    const template = { namespace: 'n_1', name: 'chat_farewell', language: { code: 'es', policy: 'fallback' } };
    expect(sent(outcome)).toEqual([{ to: '16315551002', type: 'template', template }]);
  });

  it('parses numbers like ValidateContact, and treats empty optional texts as missing', async () => {
    const outcome = await invite([login, SENT], {
      _umsClientId: '098765 43211',
      _umsBusinessId: '91 (98765) 43210',
      StandardResponseId: '',
      ChatQueueKey: '',
    });
    expect(outcome).toBeEspResponse();
    expect(sent(outcome)).toMatchObject([{ to: '919876543211', template: { name: 'chat_invitation' } }]);
  });
});

describe('904', () => {
  it.each<[Record<string, unknown>, string]>([
    [{ _umsClientId: undefined }, '_umsClientId: missing'],
    [{ _umsClientId: 'call me' }, '_umsClientId: no digits'],
    [{ _umsClientId: '' }, '_umsClientId: no digits'],
    [{ _umsClientId: 5 }, '_umsClientId: not a string'],
    [{ _umsClientId: '+999 12' }, '_umsClientId: not a number that can exist'],
    [{ _umsBusinessId: undefined }, '_umsBusinessId: missing'],
    [{ _umsBusinessId: '+19876543210' }, '_umsBusinessId: the number of channel whatsapp is +919876543210'],
    [{ _umsBusinessId: '' }, '_umsBusinessId: the number of channel whatsapp is +919876543210'],
    [
      { StandardResponseId: 'welcom' },
      "StandardResponseId: channel whatsapp has no template 'welcom'; did you mean 'welcome'?",
    ],
    [{ StandardResponseId: 'toString' }, "StandardResponseId: channel whatsapp has no template 'toString'"],
    [{ StandardResponseId: 'x'.repeat(257) }, 'StandardResponseId: longer than 256 characters'],
    [{ ChatQueueKey: `1:${'x'.repeat(255)}` }, 'ChatQueueKey: longer than 256 characters'],
    [{ _umsClientId: '9'.repeat(300) }, '_umsClientId: not a number that can exist'],
    [{ _umsBusinessId: '919876543210'.repeat(99) }, '_umsBusinessId: the number of channel whatsapp is +919876543210'],
    [{ ChatQueueKey: '1:' }, 'ChatQueueKey: not TENANT:ENDPOINT, such as 1:session-WA-sendSR'],
    [{ ChatQueueKey: 'x1:a' }, 'ChatQueueKey: not TENANT:ENDPOINT, such as 1:session-WA-sendSR'],
    [{ ChatQueueKey: ':a' }, 'ChatQueueKey: not TENANT:ENDPOINT, such as 1:session-WA-sendSR'],
    [
      { StandardResponseId: 'x'.repeat(256) },
      `StandardResponseId: channel whatsapp has no template '${'x'.repeat(256)}'`,
    ],
    [{ ChatQueueKey: 'session' }, 'ChatQueueKey: not TENANT:ENDPOINT, such as 1:session-WA-sendSR'],
    [{ _umsChannel: 'x' }, "_umsChannel: no channel 'x'"],
  ])('%j', async (parameters, text) => {
    const given = Object.fromEntries(
      Object.entries({ ...ASKED, ...parameters }).filter(([, one]) => one !== undefined),
    );
    const outcome = await (await plugin([])).call(METHOD, given as Record<string, string>);
    expect(outcome).toBeEspFault(904, `${METHOD} incorrect ${text}`);
    expect(outcome.upstream).toEqual([]);
  });

  it('without a template', async () => {
    const none = `${METHOD} incorrect StandardResponseId: missing, and channel whatsapp has no default`;
    expect(await invite([], {}, { templates: TEMPLATES })).toBeEspFault(904, none);
    expect(await invite([], {}, { templates: {} })).toBeEspFault(904, none);
  });
});

describe('a message is sent again once if the first try certainly had no effect:', () => {
  it('the connection was refused', async () => {
    const outcome = await invite([login, messages({ error: 'ECONNREFUSED' }), SENT]);
    expect(outcome).toBeEspResponse({ MessageId: 'gBEG1' });
    expect(outcome.upstream.map(({ url }) => url.slice(URL.length))).toEqual([
      '/v1/users/login',
      '/v1/messages',
      '/v1/messages',
    ]);
  });

  it('but not a third time', async () => {
    const outcome = await invite([login, messages({ error: 'ECONNREFUSED' })]);
    expect(outcome).toBeEspFault(901, `whatsapp connection with ${URL} failed`);
    expect(outcome.upstream).toHaveLength(3);
  });

  it('the token was refused', async () => {
    const outcome = await invite([login, messages({ status: 401 }), SENT]);
    expect(outcome).toBeEspResponse({ MessageId: 'gBEG1' });
    expect(outcome.upstream.filter(({ url }) => url.endsWith('/login'))).toHaveLength(2);
  });
});

describe('any other message is sent once:', () => {
  const error = (code: number, title: string) => ({
    errors: [{ code, title, details: 'of no interest to a strategy' }],
  });

  it.each<[string, Partial<FakeReply>, string]>([
    ['500', { status: 500, json: error(1014, 'Internal error') }, `status 500: 1014 Internal error; ${UNKNOWN}`],
    ['503', { status: 503, body: '<html>' }, `status 503; ${UNKNOWN}`],
    ['no JSON', { body: 'OK' }, `the answer names no message; ${UNKNOWN}`],
    ['no id', { json: { messages: [] } }, `the answer names no message; ${UNKNOWN}`],
    ['user', { status: 400, json: error(1013, 'User is not valid') }, 'status 400: 1013 User is not valid'],
    [
      'template',
      { status: 400, json: error(2000, 'Template param count mismatch') },
      'status 400: 2000 Template param count mismatch',
    ],
    ['429', { status: 429, json: error(1015, 'Too many requests') }, 'status 429: 1015 Too many requests'],
    [
      'an error with status 200',
      { json: error(470, 'Re-engagement message') },
      'status 200: 470 Re-engagement message',
    ],
    ['409 with a reason', { status: 409, json: error(1005, 'Conflict') }, `status 409: 1005 Conflict; ${UNKNOWN}`],
  ])('%s', async (_what, reply, why) => {
    const outcome = await invite([login, messages(reply)]);
    expect(outcome).toBeEspFault(920, failed(why));
    expect(outcome.upstream).toHaveLength(2);
  });

  const NOT_SENT = [307, 308, 400, 402, 404, 405, 406, 407, 410, 411, 412, 413, 414, 415, 417, 422, 425, 429, 451];
  it.each(NOT_SENT)('%i: it was not sent', async (status) => {
    const outcome = await invite([login, messages({ status, headers: { location: 'http://else.example' } })]);
    expect(outcome).toBeEspFault(920, failed(`status ${status}`));
    expect(outcome.upstream).toHaveLength(2);
  });

  const OPEN = [300, 301, 302, 303, 304, 408, 409, 460, 499, 500, 501, 502, 503, 504, 520, 599];
  it.each(OPEN)('%i: nobody knows', async (status) => {
    const outcome = await invite([login, messages({ status, headers: { location: 'http://else.example' } })]);
    expect(outcome).toBeEspFault(920, failed(`status ${status}; ${UNKNOWN}`));
    expect(outcome.upstream).toHaveLength(2);
  });

  it.each<[string, Partial<FakeReply>, string]>([
    ['a connection that breaks', { error: 'ECONNRESET' }, `the connection broke; ${UNKNOWN}`],
    [
      'a body that is not gzip',
      { headers: { 'content-encoding': 'gzip' }, body: 'x' },
      `the connection broke; ${UNKNOWN}`,
    ],
    ['an answer of 11 MB', { body: 'x'.repeat(11 << 20) }, `the answer is over 10485760 bytes; ${UNKNOWN}`],
    ['a header that is too long', { headers: { x: 'y'.repeat(20_000) } }, `the connection broke; ${UNKNOWN}`],
  ])('%s: the outcome is unknown', async (_what, reply, why) => {
    const outcome = await invite([login, messages(reply)]);
    expect(outcome).toBeEspFault(920, failed(why));
    expect(outcome.upstream).toHaveLength(2);
  });

  it('with the details of a refusal in the log', async () => {
    const outcome = await invite([login, messages({ status: 400, json: error(1013, 'User is not valid') })]);
    expect(outcome.logs.map(({ message }) => message).join()).toContain('1013 User is not valid: of no interest');
  });
});

it('a lookup whose answer is 11 MB is answered 920', async () => {
  const contacts: FakeReply = { method: 'POST', url: `${URL}/v1/contacts`, body: 'x'.repeat(11 << 20) };
  const outcome = await (await plugin([login, contacts])).call('Messaging.ValidateContact', { Id: '+16315551002' });
  const why = 'the answer is over 10485760 bytes';
  expect(outcome).toBeEspFault(920, `whatsapp failed to execute request Messaging.ValidateContact: ${why}`);
});

it('a failed login does not count as an unknown outcome', async () => {
  const outcome = await invite([{ ...login, status: 500 }]);
  expect(outcome).toBeEspFault(920, failed('status 500'));
  expect(outcome.upstream).toHaveLength(1);
});

it('is in the OpenAPI document of calls over HTTP, with its optional parameters', () => {
  const definition = methodDefinition(InviteToChat);
  const document = openApi('DMS', definition === undefined ? [] : [definition]);
  expect(document).toMatchObject({
    paths: {
      '/esp/ChatService/InviteToChat': {
        post: {
          requestBody: {
            content: {
              'application/json': {
                schema: {
                  anyOf: [
                    {
                      properties: {
                        _umsChannel: { type: 'string' },
                        StandardResponseId: { type: 'string' },
                        ChatQueueKey: { type: 'string' },
                      },
                      required: ['_umsClientId', '_umsBusinessId'],
                    },
                    {},
                  ],
                },
              },
            },
          },
        },
      },
    },
  });
});

it('at the deadline, the outcome of a sent message is unknown', async () => {
  const http = fakeHttp([login, messages({ hangs: true })]);
  const tested = await plugin([], undefined, http);
  const answer = tested.call(METHOD, ASKED);
  await until(() => http.calls.length === 2);
  await tested.clock.advance(10_000);
  expect(await answer).toBeEspFault(920, failed(`deadline of 10000 ms passed; ${UNKNOWN}`));
});
