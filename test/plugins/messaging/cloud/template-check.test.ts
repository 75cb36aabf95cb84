import { describe, expect, it, jest } from '@jest/globals';
import { espMatchers, type FakeReply, fakeHttp, testPlugin } from 'esp-host/testing';
import { approvedTemplate, checkTemplate } from '../../../../plugins/messaging/cloud/template-check.js';
import { whatsAppChannel } from '../../../../plugins/messaging/config/index.js';
import messaging from '../../../../plugins/messaging/index.js';
import {
  API,
  APPROVED,
  ASKED,
  cloudChannel,
  cloudPlugin,
  GRAPH,
  graphError,
  METHOD,
  SENT,
  TOKEN,
  templates,
  WELCOME,
} from './setting.js';

expect.extend(espMatchers);

const channelOf = (template: object) =>
  whatsAppChannel.schema.safeParse({
    type: 'whatsapp',
    phoneNumber: '+919876543210',
    api: API,
    contacts: { from: 'number-plan' },
    invitations: { templates: { t: template } },
  });

/** What is wrong with a template, as `path message`. */
function mistakes(template: object, ...approved: object[]): string[] {
  const settings = channelOf({ ...WELCOME, ...template }).data;
  const parsed = settings?.invitations?.templates.t;
  if (parsed === undefined) throw new Error('the template does not fit its schema');
  return checkTemplate(
    parsed,
    approved.map((one) => approvedTemplate.parse(one)),
  ).map(({ path, message }) => `${path.join('.')} ${message}`);
}

const URL_BUTTON = { type: 'URL', text: 'Open', url: 'https://x.example/{{1}}' };
const buttons = (...all: object[]) => ({
  ...APPROVED,
  components: [...APPROVED.components, { type: 'BUTTONS', buttons: all }],
});
const header = (part: object) => ({ ...APPROVED, components: [{ type: 'HEADER', ...part }, ...APPROVED.components] });
const body = (text: string) => ({ ...APPROVED, components: [{ type: 'BODY', text }] });

describe('a template', () => {
  it.each<[string, object, object[]]>([
    ['is as approved', {}, [APPROVED]],
    ['has its category', { category: 'UTILITY' }, [APPROVED]],
    ['has a header that it needs', { header: { text: 'x' } }, [header({ format: 'TEXT', text: 'Hi {{1}}' })]],
    ['has a picture', { header: { image: { id: '5' } } }, [header({ format: 'IMAGE' })]],
    ['has a header without variables', {}, [header({ format: 'TEXT', text: 'Hi' })]],
    ['has its buttons', { buttons: [{ index: 0, urlSuffix: 'a' }] }, [buttons(URL_BUTTON)]],
    [
      'may have a payload',
      { buttons: [{ index: 1, payload: 'a' }] },
      [buttons({ type: 'URL' }, { type: 'QUICK_REPLY' })],
    ],
    ['need not have a payload', {}, [buttons({ type: 'QUICK_REPLY' })]],
    ['uses a variable twice', {}, [body('{{1}} and {{ 1 }}')]],
    ['has no body', { parameters: [] }, [{ ...APPROVED, components: undefined }]],
    ['has a body without a text', { parameters: [] }, [{ ...APPROVED, components: [{ type: 'BODY' }] }]],
    ['has types in lower case', {}, [{ ...APPROVED, components: [{ type: 'body', text: '{{1}}' }] }]],
    ['has a header of no format', { header: { text: 'x' } }, [header({ text: 'Hi {{1}}' })]],
    ['has a header of no text', {}, [header({ format: 'TEXT' })]],
    ['has a URL without a variable', {}, [buttons({ type: 'URL', url: 'https://x.example' }, { type: 'URL' })]],
    ['has a variable in what is no URL', {}, [buttons({ type: 'COPY_CODE', url: '{{1}}' })]],
    ['is listed after others', {}, [{ ...APPROVED, name: 'other' }, { ...APPROVED, language: 'es' }, APPROVED]],
    ['has braces without a variable', { parameters: [] }, [body('{1} {{}} {{12345}} {{a-b}} {{1a}} {a} {{1}')]],
    [
      'has as many variables as its texts',
      { parameters: ['a', 'b', 'c'] },
      [body(`{{1}}{{${' '.repeat(9)}22${' '.repeat(9)}}}{{4444}}`)],
    ],
    ['has variables with too many spaces', {}, [body(`{{1}} {{${' '.repeat(10)}2}} {{3${' '.repeat(10)}}}`)]],
  ])('is good if it %s', (_what, template, approved) => expect(mistakes(template, ...approved)).toEqual([]));

  it.each<[string, object, object[]]>([
    [
      'name is not a template of the business account; did you mean chat_invitation?',
      { name: 'chat_invitaton' },
      [APPROVED],
    ],
    ['name is not a template of the business account', {}, []],
    [
      'language.code is not a language of chat_invitation, which has en_US, es',
      { language: { code: 'de' } },
      [APPROVED, { ...APPROVED, language: 'es' }],
    ],
    ['name cannot be sent: its status is PAUSED, not APPROVED', {}, [{ ...APPROVED, status: 'PAUSED' }]],
    ['category is MARKETING, but WhatsApp has it as UTILITY', { category: 'MARKETING' }, [APPROVED]],
    ['parameters must have 2 texts, as the body has variables, not 1', {}, [body('{{1}} {{2}}')]],
    ['parameters must have 0 texts, as the body has variables, not 1', {}, [body('Hi')]],
    ['name cannot be sent: its variables have names ({{team}}), not numbers', {}, [body('Our {{team}}')]],
    ['name cannot be sent: its variables have names ({{ _t1 }}), not numbers', {}, [body('{{1}} {{ _t1 }} {{a}}')]],
    ['name cannot be sent: its variables have names ({{name}}), not numbers', {}, [header({ text: '{{name}}' })]],
    [
      `name cannot be sent: its variables have names ({{${'a'.repeat(64)}}}), not numbers`,
      {},
      [body(`{{${'b'.repeat(65)}}} {{${'a'.repeat(64)}}}`)],
    ],
    [
      'language.code is not a language of chat_invitation, which has es',
      {},
      [
        { ...APPROVED, name: 'other' },
        { ...APPROVED, language: 'es' },
      ],
    ],
    ['header must have text', {}, [header({ format: 'TEXT', text: 'Hi {{1}}' })]],
    [
      'buttons must have urlSuffix for button 1',
      { buttons: [{ index: 0, urlSuffix: 'a' }] },
      [buttons(URL_BUTTON, URL_BUTTON)],
    ],
    [
      'buttons.1 is for button 1, which is URL: it must be a quick reply',
      {
        buttons: [
          { index: 0, payload: 'a' },
          { index: 1, payload: 'b' },
        ],
      },
      [buttons({ type: 'QUICK_REPLY' }, { type: 'URL' })],
    ],
    [
      'buttons.0 is for button 0, which is URL: it must be a URL with a variable',
      { buttons: [{ index: 0, urlSuffix: 'a' }] },
      [buttons({ type: 'URL', url: 'https://x.example' })],
    ],
    ['header must have image', {}, [header({ format: 'IMAGE' })]],
    ['header must have document', { header: { image: { id: '5' } } }, [header({ format: 'DOCUMENT' })]],
    ['header must be absent: the header has no variable', { header: { text: 'x' } }, [APPROVED]],
    ['header must have video', {}, [header({ format: 'VIDEO' })]],
    ['buttons must have urlSuffix for button 0', {}, [buttons(URL_BUTTON)]],
    [
      'buttons.0 is for button 2, which does not exist: it must be a quick reply',
      { buttons: [{ index: 2, payload: 'x' }] },
      [buttons({ type: 'QUICK_REPLY' })],
    ],
    [
      'buttons.0 is for button 0, which is QUICK_REPLY: it must be a URL with a variable',
      { buttons: [{ index: 0, urlSuffix: 'x' }] },
      [buttons({ type: 'QUICK_REPLY' })],
    ],
  ])('%s', (mistake, template, approved) => expect(mistakes(template, ...approved)).toEqual([mistake]));
});

it('a template may have several mistakes', () => {
  const given = { category: 'MARKETING', parameters: [], header: { text: 'x' }, buttons: [{ index: 0, payload: 'a' }] };
  expect(mistakes(given, { ...APPROVED, status: 'PAUSED' })).toEqual([
    'name cannot be sent: its status is PAUSED, not APPROVED',
    'category is MARKETING, but WhatsApp has it as UTILITY',
    'parameters must have 1 texts, as the body has variables, not 0',
    'header must be absent: the header has no variable',
    'buttons.0 is for button 0, which does not exist: it must be a quick reply',
  ]);
});

describe('the keys of a template', () => {
  const problem = (template: object) => channelOf({ ...WELCOME, ...template }).error?.issues[0]?.message;

  it.each<[object, RegExp]>([
    [{ namespace: 'n' }, /must be absent: Cloud API has no namespaces/],
    [{ language: { code: 'en', policy: 'fallback' } }, /must be deterministic with Cloud API/],
    [{ header: {} }, /must have one of text, image and document/],
    [{ header: { text: 'x', image: { id: '5' } } }, /must have one of text, image and document/],
    [{ header: { image: {} } }, /must have one of link and id/],
    [{ header: { document: { filename: 'a.pdf' } } }, /must have one of link and id/],
    [{ header: { image: { link: 'ftp://x' } } }, /must be an http or https URL/],
    [{ buttons: [{ index: 0 }] }, /must have one of urlSuffix and payload/],
    [{ category: 'OTHER' }, /MARKETING/],
  ])('%j: %s', (template, message) => expect(problem(template)).toMatch(message));

  it.each<[object, string]>([
    [{}, 'is missing: it must be the namespace that WhatsApp Manager shows'],
    [{ namespace: 'n', header: { text: 'x' } }, 'must be absent: only api.driver cloud sends it'],
    [{ namespace: 'n', buttons: [{ index: 0, payload: 'x' }] }, 'must be absent: only api.driver cloud sends it'],
    [{ namespace: 'n', category: 'UTILITY' }, 'must be absent: only api.driver cloud sends it'],
  ])('with an On-Premises API, %j: %s', (template, message) => {
    const result = whatsAppChannel.schema.safeParse({
      type: 'whatsapp',
      phoneNumber: '+919876543210',
      api: { driver: 'on-premises', url: 'http://x', username: 'a', password: 'b' },
      contacts: { from: 'contacts-endpoint' },
      invitations: { templates: { t: { ...WELCOME, ...template } } },
    });
    expect(result.error?.issues.map((issue) => issue.message)).toEqual([message]);
  });
});

describe('at the start', () => {
  const page = (after: string, ...data: object[]): FakeReply => ({
    url: after === '' ? /message_templates\?[^&]*&limit=100$/ : new RegExp(`after=${after}$`),
    json: { data, paging: { cursors: { after: `${after}x` }, next: `${GRAPH}/next?access_token=hunter2` } },
  });
  const warnings = (plugin: Awaited<ReturnType<typeof cloudPlugin>>) =>
    plugin.logs.filter(({ message }) => /template/.test(message)).map(({ message }) => message);

  it('all pages of templates are read', async () => {
    const plugin = await cloudPlugin([page('', { name: 'broken' }), page('x'), templates(APPROVED), SENT]);
    expect(warnings(plugin)).toEqual([]);
    expect(await plugin.call(METHOD, ASKED)).toBeEspResponse({ MessageId: 'wamid.1' });
  });

  it.each<[string, Partial<FakeReply>]>([
    ['an error', { status: 503, json: {} }],
    ['a broken connection', { error: 'ECONNRESET' }],
  ])('a page is asked for again after %s', async (_what, failure) => {
    const failures = Array.from({ length: failure.error === undefined ? 1 : 2 }, () => ({
      ...templates(),
      ...failure,
    }));
    const plugin = await cloudPlugin([...failures, templates(APPROVED), SENT]);
    expect(warnings(plugin)).toEqual([]);
  });

  const calls = async (...replies: FakeReply[]) => {
    const http = fakeHttp(replies);
    const plugin = await testPlugin(messaging, { http, channels: { whatsapp: cloudChannel() } });
    return { urls: http.calls.map(({ url }) => url), warnings: warnings(plugin) };
  };

  it('a page is asked for by its fields, and the next one by its cursor', async () => {
    const list = `${GRAPH}/v26.0/1029/message_templates?fields=name%2Clanguage%2Cstatus%2Ccategory%2Ccomponents&limit=100`;
    expect(await calls(page('', APPROVED), page('x', APPROVED), templates())).toEqual({
      urls: [list, `${list}&after=x`, `${list}&after=xx`],
      warnings: [],
    });
  });

  it('a list ends after 100 pages', async () => {
    const { urls } = await calls({ ...page('', APPROVED), url: /message_templates/ });
    expect(urls).toHaveLength(100);
  });

  it.each<[string, number, FakeReply[]]>([
    ['more than once a list', 3, [{ ...templates(), status: 503 }, page('', APPROVED), { ...page('x'), status: 503 }]],
    ['after an error that stays', 1, [{ ...templates(), status: 400, json: {} }]],
    ['after the refusal of the token', 1, [{ ...templates(), status: 401, json: {} }]],
  ])('a page is not asked for again %s', async (_what, count, replies) => {
    const all = await calls(...replies.map((reply) => ({ ...reply, url: /message_templates/ })));
    expect([all.urls.length, all.warnings]).toEqual([count, [expect.stringMatching(/could not be checked/)]]);
  });

  it('nothing is asked for without invitations', async () => {
    const http = fakeHttp();
    const { invitations: _, ...channel } = cloudChannel();
    await testPlugin(messaging, { http, channels: { whatsapp: channel } });
    expect(http.calls).toEqual([]);
  });

  it('a list is given up after 10 s, and the host starts', async () => {
    const real = setTimeout;
    const timers = jest.spyOn(globalThis, 'setTimeout');
    timers.mockImplementation(((run: () => void, ms?: number) => real(run, ms === 10_000 ? 0 : ms)) as typeof real);
    const plugin = await cloudPlugin([{ ...templates(), hangs: true }, SENT]);
    timers.mockRestore();
    expect(warnings(plugin)).toEqual([expect.stringMatching(/could not be checked: .*10000 ms/)]);
    expect(await plugin.call(METHOD, ASKED)).toBeEspResponse({ MessageId: 'wamid.1' });
  });

  it('a wrong template is a warning that names its key', async () => {
    const plugin = await cloudPlugin([templates({ ...APPROVED, status: 'PAUSED' })]);
    expect(warnings(plugin)).toEqual([
      'whatsapp.invitations.templates.welcome.name cannot be sent: its status is PAUSED, not APPROVED',
    ]);
    expect(plugin.logs.at(-1)).toMatchObject({ level: 'warn', fields: { channel: 'whatsapp' } });
  });

  it('a wrong template stops the start of a strict channel', async () => {
    await expect(cloudPlugin([templates()], { api: { checkTemplates: 'strict' } })).rejects.toThrow(
      /whatsapp\.invitations\.templates\.welcome\.name is not a template of the business account/,
    );
  });

  it.each<[Partial<FakeReply>, RegExp]>([
    [
      { status: 403, json: graphError(200) },
      /could not be checked: templates refused: status 403: 200 \(#200\) title of Meta$/,
    ],
    [{ status: 500, json: {} }, /could not be checked: status 500$/],
    [{ error: 'ECONNREFUSED' }, /could not be checked: .*ECONNREFUSED/],
    [{ json: { data: 5 } }, /could not be checked: whatsapp: the answer is not a list of templates$/],
  ])('a list that cannot be read is a warning, even if strict: %j', async (reply, message) => {
    const plugin = await cloudPlugin([{ ...templates(), ...reply }, SENT], { api: { checkTemplates: 'strict' } });
    expect(warnings(plugin)).toEqual([expect.stringMatching(message)]);
    expect(plugin.logs.at(-1)).toMatchObject({ level: 'warn', fields: { channel: 'whatsapp' } });
    expect(JSON.stringify(plugin.logs)).not.toContain(TOKEN);
    expect(await plugin.call(METHOD, ASKED)).toBeEspResponse({ MessageId: 'wamid.1' });
  });
});
