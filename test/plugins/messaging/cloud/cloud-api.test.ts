import { describe, expect, it } from '@jest/globals';
import { type EspOutcome, espMatchers, type FakeReply } from 'esp-host/testing';
import { ERROR_CODES } from '../../../../plugins/messaging/cloud/error-codes.js';
import {
  ACCEPTED,
  APPROVED,
  ASKED,
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

it('warns about a message that was held', async () => {
  const messages_ = [{ id: 'wamid.1', message_status: 'held_for_quality_assessment' }];
  const plugin = await cloudPlugin([templates(APPROVED), messages({ json: { ...ACCEPTED, messages: messages_ } })]);
  expect(await plugin.call(METHOD, ASKED)).toBeEspResponse({ MessageId: 'wamid.1' });
  expect(plugin.logs.at(-1)?.message).toMatch(/message wamid\.1 is held_for_quality_assessment: it may never arrive/);
});

/** Code -> status of HTTP, fault, and whether the message may have been sent. Written out: this is the promise. */
const NOT_SENT = 'not sent';
const MAY_BE = 'may have been sent';
const CONNECTION = `901 whatsapp connection with ${GRAPH} failed`;
const CODES: readonly (readonly [code: number, status: number, fault: string, sent: string])[] = [
  [0, 401, CONNECTION, NOT_SENT],
  [3, 500, CONNECTION, NOT_SENT],
  [10, 403, CONNECTION, NOT_SENT],
  [190, 401, CONNECTION, NOT_SENT],
  [200, 403, CONNECTION, NOT_SENT],
  [250, 403, CONNECTION, NOT_SENT],
  [299, 403, CONNECTION, NOT_SENT],
  [131005, 403, CONNECTION, NOT_SENT],
  [33, 400, 'error 33: the phone number id does not exist', NOT_SENT],
  [100, 400, 'error 100: a parameter is unknown or invalid', NOT_SENT],
  [131008, 400, 'error 131008: a parameter is missing', NOT_SENT],
  [131009, 400, 'error 131009: a parameter has an invalid value', NOT_SENT],
  [368, 403, 'error 368: the business account is restricted for a violation of policy', NOT_SENT],
  [131031, 403, 'error 131031: the business account is locked', NOT_SENT],
  [131037, 400, 'error 131037: the display name of the phone number is not approved', NOT_SENT],
  [131042, 400, 'error 131042: the payment method of the business account fails', NOT_SENT],
  [131045, 500, 'error 131045: the phone number has no valid certificate', NOT_SENT],
  [133000, 500, 'error 133000: the phone number is not registered correctly', NOT_SENT],
  [133010, 400, 'error 133010: the phone number is not registered correctly', NOT_SENT],
  [133016, 400, 'error 133016: the phone number is not registered correctly', NOT_SENT],
  [4, 429, 'error 4: the app makes too many calls; try again later', NOT_SENT],
  [80007, 429, 'error 80007: the business account makes too many calls; try again later', NOT_SENT],
  [130429, 429, 'error 130429: the phone number sends too many messages; try again later', NOT_SENT],
  [131056, 429, 'error 131056: too many messages to this customer; try again later', NOT_SENT],
  [131057, 500, 'error 131057: the business account is under maintenance; try again later', NOT_SENT],
  [
    131048,
    400,
    'error 131048: the phone number is limited: too many of its messages were blocked or reported as spam; do not try again soon',
    NOT_SENT,
  ],
  [130472, 400, 'error 130472: the customer is part of an experiment of Meta; do not try again soon', NOT_SENT],
  [131049, 400, 'error 131049: Meta limits the marketing messages of this customer; do not try again soon', NOT_SENT],
  [131050, 400, 'error 131050: the customer has stopped marketing messages', NOT_SENT],
  [131021, 400, 'error 131021: the recipient is the sender', NOT_SENT],
  [131026, 400, 'error 131026: undeliverable: not on WhatsApp, an old client, or terms not accepted', NOT_SENT],
  [131030, 400, 'error 131030: the recipient is not in the list of the test number', NOT_SENT],
  [
    131047,
    400,
    'error 131047: more than 24 hours since the last message of the customer: only templates can be sent',
    NOT_SENT,
  ],
  [131051, 400, 'error 131051: the type of message is not supported', NOT_SENT],
  [131052, 400, 'error 131052: the media cannot be downloaded', NOT_SENT],
  [131053, 400, 'error 131053: the media cannot be uploaded', NOT_SENT],
  [132000, 400, 'error 132000: the template has another number of parameters', NOT_SENT],
  [132001, 404, 'error 132001: the template does not exist in this language, or is not approved', NOT_SENT],
  [132005, 400, 'error 132005: the text of the template is too long', NOT_SENT],
  [132007, 400, 'error 132007: the text of the template violates a policy', NOT_SENT],
  [132012, 400, 'error 132012: a parameter has another format than in the template', NOT_SENT],
  [132015, 400, 'error 132015: the template is paused', NOT_SENT],
  [132016, 400, 'error 132016: the template is disabled', NOT_SENT],
  [1, 400, `error 1: the API failed; ${UNKNOWN}`, MAY_BE],
  [2, 503, `error 2: the API is unavailable; ${UNKNOWN}`, MAY_BE],
  [131000, 500, `error 131000: the API failed; ${UNKNOWN}`, MAY_BE],
  [131016, 500, `error 131016: the API is unavailable; ${UNKNOWN}`, MAY_BE],
];

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

  it('is in the table of this test for each row of the plugin', () => {
    const tested = new Set(CODES.map(([code]) => code));
    for (const { code, to = code } of ERROR_CODES) expect([tested.has(code), tested.has(to)]).toEqual([true, true]);
  });

  it.each<[Partial<FakeReply>, number, string]>([
    [{ status: 400, json: graphError(424242) }, 920, failed('status 400: error 424242')],
    [{ status: 404, json: {} }, 920, failed('status 404')],
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
