import { describe, expect, it, jest } from '@jest/globals';
import { espMatchers, type FakeReply } from 'esp-host/testing';
import { approvedTemplate, checkTemplate } from '../../../../plugins/messaging/cloud/template-check.js';
import { whatsAppChannel } from '../../../../plugins/messaging/config/index.js';
import {
  API,
  APPROVED,
  ASKED,
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
    expect(JSON.stringify(plugin.logs)).not.toContain(TOKEN);
    expect(await plugin.call(METHOD, ASKED)).toBeEspResponse({ MessageId: 'wamid.1' });
  });
});
