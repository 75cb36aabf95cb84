import { afterEach, describe, expect, it } from '@jest/globals';
import { espMatchers } from 'esp-host/testing';
import { WhatsAppAPI } from 'whatsapp-api-js';
import {
  BodyComponent,
  BodyParameter,
  Document,
  HeaderComponent,
  HeaderParameter,
  Image,
  Language,
  PayloadComponent,
  Template,
  Text,
  URLComponent,
} from 'whatsapp-api-js/messages';
import { startWhatsAppApi, type WhatsAppApi } from '../whatsapp-api.js';
import { APPROVED, ASKED, cloudPlugin, METHOD, SENT, TOKEN, templates } from './setting.js';

/** `whatsapp-api-js` shares nothing with this code. */

expect.extend(espMatchers);

let api: WhatsAppApi | undefined;
afterEach(() => api?.close());

const BUTTONS = [
  { type: 'URL', text: 'Open', url: 'https://x.example/{{1}}' },
  { type: 'QUICK_REPLY', text: 'Later' },
];
const COMPONENTS = [
  { type: 'HEADER' as const, format: 'IMAGE' },
  { type: 'BUTTONS' as const, buttons: BUTTONS },
];

/** The other client: what it sends to Graph API goes to the mock. */
async function client(): Promise<{ client: WhatsAppAPI; bodies: unknown[]; api: WhatsAppApi }> {
  const started = await startWhatsAppApi({
    registeredNumber: '+919876543210',
    numbers: [],
    templates: [
      { namespace: 'n', name: 'hello', language: 'en', body: 'Hello {{1}}' },
      { namespace: 'n', name: 'rich', language: 'en', body: 'Hello {{1}}', components: COMPONENTS },
    ],
    cloud: { phoneNumberId: '1064', token: TOKEN },
  });
  api = started;
  const bodies: unknown[] = [];
  const ponyfill = {
    fetch: (url: unknown, init: RequestInit = {}) => {
      bodies.push(JSON.parse(String(init.body)));
      return fetch(String(url).replace('https://graph.facebook.com', started.url), init);
    },
  };
  const other = new WhatsAppAPI({ token: TOKEN, secure: false, v: 'v26.0', ponyfill: ponyfill as never });
  return { client: other, bodies, api: started };
}

const hello = () => new Template('hello', 'en', new BodyComponent(new BodyParameter('Ann')));
const rich = () =>
  new Template(
    'rich',
    new Language('en'),
    new HeaderComponent(new HeaderParameter(new Image('https://x.example/a.png'))),
    new BodyComponent(new BodyParameter('Ann')),
    new URLComponent('chat'),
    new PayloadComponent('later'),
  );

describe('the mock takes what another client sends', () => {
  it.each([
    ['a template', hello, 'Hello Ann'],
    ['a header and buttons', rich, 'Hello Ann'],
  ])('%s', async (_what, template, text) => {
    const { client: other, api: mock } = await client();
    const response = await other.sendMessage('1064', '16315551002', template(), undefined, 'x');
    expect(response).toMatchObject({ messages: [{ id: expect.stringMatching(/^wamid\./) }] });
    expect(mock.messages.list()).toEqual([expect.objectContaining({ to: '+16315551002', text })]);
  });

  it('a business-scoped user id', async () => {
    const { client: other, api: mock } = await client();
    await other.sendMessage('1064', { bsuid: 'US.13491208655302741918' } as never, hello());
    expect(mock.messages.list()).toEqual([expect.objectContaining({ to: 'US.13491208655302741918' })]);
  });

  it('and refuses other messages with an error that it understands', async () => {
    const { client: other } = await client();
    const response = await other.sendMessage('1064', '16315551002', new Text('Hi'));
    expect(response).toMatchObject({ error: { code: 131051, type: 'OAuthException' } });
  });
});

describe('the plugin sends what another client sends', () => {
  const parts = (template: object, ...components: object[]) => ({
    template,
    approved: {
      ...APPROVED,
      name: 'rich',
      language: 'en',
      components: [{ type: 'BODY', text: '{{1}}' }, ...components],
    },
  });
  const base = { name: 'rich', language: { code: 'en' }, parameters: ['Ann'] };

  it.each([
    ['a body', parts(base), () => new Template('rich', 'en', new BodyComponent(new BodyParameter('Ann')))],
    [
      'a picture and buttons',
      parts(
        {
          ...base,
          header: { image: { link: 'https://x.example/a.png' } },
          buttons: [
            { index: 0, urlSuffix: 'chat' },
            { index: 1, payload: 'later' },
          ],
        },
        ...COMPONENTS,
      ),
      rich,
    ],
    [
      'a text in the header',
      parts({ ...base, header: { text: 'Bo' } }, { type: 'HEADER', format: 'TEXT', text: '{{1}}' }),
      () =>
        new Template(
          'rich',
          'en',
          new HeaderComponent(new HeaderParameter('Bo')),
          new BodyComponent(new BodyParameter('Ann')),
        ),
    ],
    [
      'a document',
      parts({ ...base, header: { document: { id: '5', filename: 'a.pdf' } } }, { type: 'HEADER', format: 'DOCUMENT' }),
      () =>
        new Template(
          'rich',
          'en',
          new HeaderComponent(new HeaderParameter(new Document('5', true, undefined, 'a.pdf'))),
          new BodyComponent(new BodyParameter('Ann')),
        ),
    ],
  ])('for %s', async (_what, { template, approved }, other) => {
    const invitations = { default: 't', templates: { t: template } };
    const plugin = await cloudPlugin([templates(approved), SENT], { invitations });
    expect(plugin.logs.filter(({ message }) => /templates\.t/.test(message))).toEqual([]);
    const { upstream } = await plugin.call(METHOD, ASKED);
    const own = JSON.parse(upstream.find(({ method }) => method === 'POST')?.body ?? '');
    const { client: theirs, bodies } = await client();
    await theirs.sendMessage('1064', '16315551002', other(), undefined, own.biz_opaque_callback_data);
    expect(own).toEqual(bodies[0]);
  });
});
