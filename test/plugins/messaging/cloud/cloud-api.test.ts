import { describe, expect, it } from '@jest/globals';
import { Metrics } from 'esp-host';
import { type EspOutcome, espMatchers, type FakeReply, fakeHttp, type LogLine } from 'esp-host/testing';
import got from 'got';
import { ERROR_CODES } from '../../../../plugins/messaging/cloud/error-codes.js';
import { openCloudApi } from '../../../../plugins/messaging/cloud/index.js';
import { whatsAppChannel } from '../../../../plugins/messaging/config/index.js';
import { CapturedLogger } from '../../../../src/testing/captured-logger.js';
import { CODES, MAY_BE } from './codes.js';
import {
  ACCEPTED,
  APPROVED,
  ASKED,
  CUSTOMER,
  cloudChannel,
  cloudPlugin,
  GRAPH,
  graphError,
  METHOD,
  messages,
  SENT,
  TOKEN,
  templates,
  WELCOME,
} from './setting.js';

expect.extend(espMatchers);

const failed = (why: string): string => `whatsapp failed to execute request ${METHOD}: ${why}`;
const UNKNOWN = 'whether it was done is unknown';

const invite = async (
  replies: readonly FakeReply[],
  parameters: object = {},
  parts?: Parameters<typeof cloudPlugin>[1],
) => (await cloudPlugin([templates(APPROVED), ...replies], parts)).call(METHOD, { ...ASKED, ...parameters });

const posted = ({ upstream }: EspOutcome) => upstream.filter(({ method }) => method === 'POST');
const sent = (outcome: EspOutcome) => posted(outcome).map(({ body }) => JSON.parse(body));

describe('what is sent', () => {
  it('is the template, to the digits of the number, with the token and an id of ours', async () => {
    const outcome = await invite([SENT]);
    expect(outcome).toBeEspResponse({ MessageId: 'wamid.1' });
    expect(sent(outcome)).toEqual([
      {
        messaging_product: 'whatsapp',
        recipient_type: 'individual',
        to: '16315551002',
        type: 'template',
        template: {
          name: 'chat_invitation',
          language: { policy: 'deterministic', code: 'en_US' },
          components: [{ type: 'body', parameters: [{ type: 'text', text: 'support team' }] }],
        },
        biz_opaque_callback_data: expect.stringMatching(/^[a-p]{24}$/),
      },
    ]);
    expect(posted(outcome)[0]?.headers).toMatchObject({ authorization: `Bearer ${TOKEN}`, connection: 'close' });
  });

  it('goes to a business-scoped user id as recipient', async () => {
    const outcome = await invite([SENT], { _umsClientId: 'US.13491208655302741918' });
    expect(outcome).toBeEspResponse({ MessageId: 'wamid.1' });
    expect(sent(outcome)).toEqual([expect.objectContaining({ recipient: 'US.13491208655302741918' })]);
    expect(sent(outcome)[0]).not.toHaveProperty('to');
  });

  it.each(['us.1349', 'US.', 'USA.13', `US.${'1'.repeat(129)}`, 'US.13-49'])(
    'is no user id: %s',
    async (_umsClientId) => expect((await invite([SENT], { _umsClientId })).fault?.code).toBe('904'),
  );

  it('has an id of its own for each message', async () => {
    const plugin = await cloudPlugin([templates(APPROVED), SENT]);
    const all = [await plugin.call(METHOD, ASKED), await plugin.call(METHOD, ASKED)];
    const ids = all.map((outcome) => sent(outcome)[0].biz_opaque_callback_data);
    expect(new Set(ids).size).toBe(2);
  });
});

describe('a marketing template goes to marketing_messages', () => {
  const marketing = messages({ json: ACCEPTED }, 'marketing_messages');

  it('if the business account has it so', async () => {
    const plugin = await cloudPlugin([templates({ ...APPROVED, category: 'MARKETING' }), marketing]);
    expect(await plugin.call(METHOD, ASKED)).toBeEspResponse({ MessageId: 'wamid.1' });
  });

  it('if the configuration says so, whether or not the list can be read', async () => {
    const invitations = { default: 'w', templates: { w: { ...WELCOME, category: 'MARKETING' } } };
    const refused = { ...templates(), status: 403, json: graphError(10) };
    const plugin = await cloudPlugin([refused, marketing], { invitations });
    expect(await plugin.call(METHOD, ASKED)).toBeEspResponse({ MessageId: 'wamid.1' });
  });
});

it("warns about a message that was held, without the customer's number in its id", async () => {
  const start = `wamid.${Buffer.from(`\x1c\x18\x0b${CUSTOMER.slice(1)}`).toString('base64')}`;
  const id = `${start}VAgARGBI5QTNDQTVCM0Q0Q0Q2RTY3RTcA`;
  const messages_ = [{ id, message_status: 'held_for_quality_assessment' }];
  const plugin = await cloudPlugin([templates(APPROVED), messages({ json: { ...ACCEPTED, messages: messages_ } })]);
  expect(await plugin.call(METHOD, ASKED)).toBeEspResponse({ MessageId: id });
  const log = plugin.logs.at(-1)?.message;
  expect(log).toMatch(/message M0Q0Q0Q2RTY3RTcA is held_for_quality_assessment: it may never arrive/);
  expect(JSON.stringify(plugin.logs)).not.toContain(start);
});

describe('an error', () => {
  it.each(CODES)('%i with status %i is %s (%s), sent once', async (code, status, fault, effect) => {
    const plugin = await cloudPlugin([templates(APPROVED), messages({ status, json: graphError(code) })]);
    const outcome = await plugin.call(METHOD, ASKED);
    const [faultCode, text] = fault.startsWith('901') ? [901, fault.slice(4)] : [920, failed(fault)];
    expect(outcome).toBeEspFault(faultCode, text);
    expect(posted(outcome)).toHaveLength(1);
    expect(plugin.logs.some(({ message }) => /a message may have been sent/.test(message))).toBe(effect === MAY_BE);
    const log = JSON.stringify(plugin.logs);
    expect(log).toContain('title of Meta: details of Meta');
    expect(log).not.toContain(TOKEN);
  });

  it.each([
    [0, 401, 'the token was not accepted'],
    [3, 500, 'the app lacks a permission'],
    [10, 403, 'the app lacks a permission'],
    [190, 401, 'the token has expired'],
    [250, 403, 'the app lacks a permission'],
    [131005, 403, 'the app lacks a permission'],
  ])('%i says in the log why the token is refused', async (code, status, why) => {
    const plugin = await cloudPlugin([templates(APPROVED), messages({ status, json: graphError(code) })]);
    await plugin.call(METHOD, ASKED);
    expect(JSON.stringify(plugin.logs)).toContain(`error ${code}: ${why}: `);
  });

  it('is in the table of this test for each row of the plugin', () => {
    const tested = new Set(CODES.map(([code]) => code));
    for (const { code, to = code } of ERROR_CODES) expect([tested.has(code), tested.has(to)]).toEqual([true, true]);
  });

  it.each<[Partial<FakeReply>, number, string]>([
    [{ status: 400, json: graphError(424242) }, 920, failed('status 400: error 424242')],
    [{ status: 404, json: {} }, 920, failed('status 404')],
    [{ status: 403, body: 'no' }, 901, `whatsapp connection with ${GRAPH} failed`],
    [{ status: 401, body: 'no' }, 901, `whatsapp connection with ${GRAPH} failed`],
    [{ status: 429, json: graphError(424242) }, 920, failed('status 429: error 424242; try again later')],
    [{ status: 200, json: graphError(424242) }, 920, failed('status 200: error 424242')],
    [{ status: 500, json: graphError(424242) }, 920, failed(`status 500: error 424242; ${UNKNOWN}`)],
    [{ status: 502, body: '<html>' }, 920, failed(`status 502; ${UNKNOWN}`)],
    [{ status: 409, json: {} }, 920, failed(`status 409; ${UNKNOWN}`)],
    [{ json: { messages: [] } }, 920, failed(`the answer names no message; ${UNKNOWN}`)],
    [{ body: 'ok' }, 920, failed(`the answer names no message; ${UNKNOWN}`)],
    [{ error: 'ECONNRESET' }, 920, failed(`the connection broke; ${UNKNOWN}`)],
    [{ error: 'ENOTFOUND' }, 901, `whatsapp connection with ${GRAPH} failed`],
  ])('that the table does not have is judged by %j', async (reply, code, text) => {
    const outcome = await invite([messages(reply)]);
    expect(outcome).toBeEspFault(code, text);
    expect(posted(outcome)).toHaveLength(1);
  });

  it('says when to try again, if the API does', async () => {
    const headers = { 'retry-after': '30' };
    const outcome = await invite([messages({ status: 429, headers, json: graphError(130429) })]);
    expect(outcome).toBeEspFault(
      920,
      failed('error 130429: the phone number sends too many messages; try again in 30 s'),
    );
  });

  it('never shows the token, even if the API repeats it', async () => {
    const plugin = await cloudPlugin([
      templates(APPROVED),
      messages({ status: 400, json: graphError(100, `the token ${TOKEN} of Bearer ${TOKEN}`) }),
    ]);
    const outcome = await plugin.call(METHOD, ASKED);
    expect(JSON.stringify([outcome.fault, plugin.logs])).not.toContain('hunter2');
    expect(JSON.stringify(plugin.logs)).toContain('error 100');
  });
});

describe('Cloud API of a channel', () => {
  function open(...replies: FakeReply[]) {
    const http = fakeHttp(replies);
    const metrics = new Metrics();
    const lines: LogLine[] = [];
    const undeliverable: string[] = [];
    const { api: settings, invitations } = whatsAppChannel.schema.parse(cloudChannel());
    const template = invitations?.templates.welcome;
    if (settings.driver !== 'cloud' || template === undefined) throw new Error('the channel is another one');
    const dependencies = { channel: 'whatsapp', http: http.over(got), logger: new CapturedLogger(lines), metrics };
    const { api, close } = openCloudApi(settings, dependencies, (to) => undeliverable.push(to));
    const send = (parts: object = {}, reference?: string, unless = new AbortController().signal) =>
      api.send(CUSTOMER, { ...template, ...parts }, unless, reference);
    const counted = async (): Promise<string[]> =>
      (await metrics.text()).split('\n').filter((line) => line.startsWith('esp_messages_errors_total'));
    return { api, close, counted, http, lines, send, undeliverable };
  }
  const series = (code: string, count: number) =>
    `esp_messages_errors_total{channel="whatsapp",code="${code}"} ${count}`;

  it('counts errors by their code, from the start those that need someone to act', async () => {
    const codes = [100, 100, 424242];
    const { counted, send } = open(
      ...codes.map((code) => messages({ status: 400, json: graphError(code) })),
      messages({ status: 404, json: {} }),
    );
    expect(await counted()).toEqual([series('other', 0), series('368', 0), series('131031', 0)]);
    for (let sent = 0; sent < 4; sent++) await send().catch(() => undefined);
    expect(await counted()).toEqual([series('other', 2), series('368', 0), series('131031', 0), series('100', 2)]);
  });

  it('learns of those alone to whom a message cannot be delivered', async () => {
    const { send, undeliverable } = open(
      ...[131026, 100].map((code) => messages({ status: 400, json: graphError(code) })),
    );
    await expect(send()).rejects.toMatchObject({ code: 'ESP_UPSTREAM_EXECUTION_FAILED' });
    await expect(send()).rejects.toMatchObject({ code: 'ESP_UPSTREAM_EXECUTION_FAILED' });
    expect(undeliverable).toEqual([CUSTOMER]);
  });

  it.each([
    [190, 'ESP_UPSTREAM_CONNECTION_FAILED', 'ESP_MESSAGING_REFUSED'],
    [131000, 'ESP_UPSTREAM_OUTCOME_UNKNOWN', 'ESP_MESSAGING_SERVER_ERROR'],
    [130429, 'ESP_UPSTREAM_EXECUTION_FAILED', 'ESP_MESSAGING_THROTTLED'],
    [131056, 'ESP_UPSTREAM_EXECUTION_FAILED', 'ESP_MESSAGING_CLIENT_ERROR'],
    [100, 'ESP_UPSTREAM_EXECUTION_FAILED', 'ESP_MESSAGING_CLIENT_ERROR'],
  ])('fails after error %i with %s, because of %s', async (code, error, cause) => {
    const { send } = open(messages({ status: 400, json: graphError(code) }));
    await expect(send()).rejects.toMatchObject({ code: error, cause: { code: cause } });
  });

  it('names the callback data of a message that may have been sent', async () => {
    const { lines, send } = open(messages({ error: 'ECONNRESET' }));
    await expect(send({}, 'ref-17')).rejects.toMatchObject({ code: 'ESP_UPSTREAM_OUTCOME_UNKNOWN' });
    expect(lines).toEqual([
      {
        level: 'warn',
        message: 'channel whatsapp: a message may have been sent: its webhooks have biz_opaque_callback_data ref-17',
        fields: { channel: 'whatsapp', callbackData: 'ref-17' },
      },
    ]);
  });

  it('names the callback data of a message that was held, and logs nothing about others', async () => {
    const answer = (message_status?: string) => messages({ json: { messages: [{ id: 'wamid.1', message_status }] } });
    const { lines, send } = open(answer('accepted'), answer(), answer('paused'));
    for (let sent = 0; sent < 3; sent++) expect(await send({}, 'ref-17')).toBe('wamid.1');
    expect(lines).toEqual([
      {
        level: 'warn',
        message: 'channel whatsapp: message wamid.1 is paused: it may never arrive',
        fields: { channel: 'whatsapp', callbackData: 'ref-17' },
      },
    ]);
  });

  it('sends a template without parameters as its name alone', async () => {
    const { http, send } = open(SENT);
    await send({ parameters: [] }, 'ref-17');
    expect(JSON.parse(http.calls[0]?.body ?? '')).toMatchObject({
      template: { name: 'chat_invitation', language: { policy: 'deterministic', code: 'en_US' } },
      biz_opaque_callback_data: 'ref-17',
    });
    expect(http.calls[0]?.body).not.toContain('components');
  });

  it('sends each language of a template in its category', async () => {
    const list = templates(APPROVED, { ...APPROVED, language: 'es', category: 'MARKETING' });
    const { api, http, send } = open(list, SENT, messages({ json: ACCEPTED }, 'marketing_messages'));
    await api.listTemplates();
    await send();
    await send({ language: { policy: 'deterministic', code: 'es' } });
    await send({ category: 'MARKETING' });
    await send({ name: 'other' });
    const edges = http.calls.slice(1).map(({ url }) => url.split('/').at(-1));
    expect(edges).toEqual(['messages', 'marketing_messages', 'marketing_messages', 'messages']);
  });

  it('lists with the token the templates that are well-formed', async () => {
    const { api, http } = open(templates(APPROVED, { name: 'broken' }));
    expect(await api.listTemplates()).toEqual([APPROVED]);
    expect(http.calls).toMatchObject([{ headers: { authorization: `Bearer ${TOKEN}` } }]);
  });

  it('sends nothing for a request that is over', async () => {
    const { http, send } = open();
    await expect(send({}, undefined, AbortSignal.abort())).rejects.toMatchObject({
      cause: { code: 'ESP_MESSAGING_NOT_CALLED' },
    });
    expect(http.calls).toEqual([]);
  });
});

it.each([
  [131056, 6],
  [131026, 6],
  [190, 6],
  [130429, 5],
  [131000, 5],
])('error %i again and again: %i of 6 messages reach the API', async (code, reached) => {
  const plugin = await cloudPlugin([templates(APPROVED), messages({ status: 400, json: graphError(code) })]);
  const all: EspOutcome[] = [];
  for (let sent = 0; sent < 6; sent++) all.push(await plugin.call(METHOD, ASKED));
  expect(all.flatMap(posted)).toHaveLength(reached);
});

describe('usersPerDay', () => {
  const OTHER = { ...ASKED, _umsClientId: '+15162837151' };
  const api = { limits: { usersPerDay: 1 } };
  const REACHED = /limit of 1 customers in 24 hours is reached/;

  it.each<Partial<FakeReply>>([
    { status: 401, json: graphError(190) },
    { status: 400, json: graphError(131026) },
    { error: 'ENOTFOUND' },
  ])('does not count a customer whose message was not sent: %j', async (reply) => {
    const plugin = await cloudPlugin([templates(APPROVED), messages(reply)], { api });
    for (const asked of [ASKED, OTHER, OTHER]) {
      const { fault } = await plugin.call(METHOD, asked);
      expect(fault).toBeDefined();
      expect(fault?.text).not.toMatch(REACHED);
    }
  });

  it.each<Partial<FakeReply>>([{ json: ACCEPTED }, { status: 500, json: graphError(131000) }, { error: 'ECONNRESET' }])(
    'counts a customer whose message was, or may have been: %j',
    async (reply) => {
      const plugin = await cloudPlugin([templates(APPROVED), messages(reply)], { api });
      await plugin.call(METHOD, ASKED);
      expect((await plugin.call(METHOD, OTHER)).fault?.text).toMatch(REACHED);
    },
  );
});

it('repeats a message once if no connection could be opened', async () => {
  const outcome = await invite([messages({ error: 'ECONNREFUSED' }), SENT]);
  expect(outcome).toBeEspResponse({ MessageId: 'wamid.1' });
  expect(posted(outcome)).toHaveLength(2);
});

describe('ValidateContact', () => {
  it('decides by the number plan, and says so at the start', async () => {
    const plugin = await cloudPlugin([templates(APPROVED)]);
    expect(await plugin.call('Messaging.ValidateContact', { Id: '+16315551002' })).toBeEspResponse({
      Id: '+16315551002',
    });
    expect(plugin.logs.some(({ message }) => /checks whether a number can exist/.test(message))).toBe(true);
  });
});
