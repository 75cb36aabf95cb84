import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { until } from '../../support/eventually.js';
import { file, removeFolders } from '../../support/files.js';
import { freePort } from '../../support/free-port.js';
import { outcome, type RawClient, request } from '../../support/raw-client.js';
import { certificates } from '../../support/tls.js';
import {
  answers,
  found,
  gateway as gatewayAt,
  INDIA,
  INVITATIONS,
  inviting,
  metric,
  NUMBER_PLAN,
  onPremises,
  Setting,
  WELCOME,
} from './setting.js';
import type { WhatsAppApi } from './whatsapp-api.js';

afterAll(removeFolders);

let setting = new Setting();
afterEach(async () => {
  await setting.end();
  setting = new Setting();
});

const KNOWN = '+16315551002';
const METHOD = 'ChatService.InviteToChat';
const MESSAGES = '/v1/messages';
const UNKNOWN = 'whether it was done is unknown';
const failed = (why: string): string => `920 whatsapp failed to execute request ${METHOD}: ${why}`;

const invitation = (referenceId: number, parameters: object = {}) =>
  request(referenceId, 'ChatService', 'InviteToChat', {
    _umsClientId: KNOWN,
    _umsBusinessId: INDIA,
    ...parameters,
  });

const invite = async (client: RawClient, parameters: object = {}): Promise<string> =>
  outcome(await client.ask(invitation(1, parameters)));

const open = async (channel: string, limits?: string): Promise<RawClient> =>
  setting.client(await setting.host({ whatsapp: channel }, limits));

const withInvitations = (channel: string): string => channel.replace(/ }$/, `, invitations: ${INVITATIONS} }`);

const gateway = (url: string): string => withInvitations(gatewayAt(url, 'k-1'));

const idOf = (reply: string): unknown => JSON.parse(reply).MessageId;

const force = (api: WhatsAppApi, forced: Parameters<WhatsAppApi['respondWith']>[0]): void =>
  api.respondWith((asked) => (asked.path === MESSAGES ? forced?.(asked) : undefined));

it('sends a template, and returns the id of the message', async () => {
  const api = await setting.api();
  const host = await setting.host({ whatsapp: inviting(api.url) });
  const reply = await invite(await setting.client(host));
  expect(api.messages.list()).toEqual([
    {
      id: idOf(reply),
      at: expect.any(Number),
      to: KNOWN,
      namespace: WELCOME.namespace,
      template: 'chat_invitation',
      language: 'en_US',
      parameters: ['support team'],
      text: 'Our support team writes to you.',
    },
  ]);
  expect(await metric(host, 'esp_invitations_total{channel="whatsapp",outcome="sent"}')).toBe(1);
  expect(await metric(host, 'esp_contacts_calls_total{channel="whatsapp",outcome="answered"}')).toBe(2);
});

it('sends one message per request, even for equal requests', async () => {
  const api = await setting.api();
  const client = await open(inviting(api.url));
  client.send(invitation(5), invitation(5), invitation(5));
  const ids = (await client.messages(3)).map((reply) => idOf(outcome(reply)));
  expect(new Set(ids)).toEqual(new Set(api.messages.list().map(({ id }) => id)));
  expect(api.messages.list()).toHaveLength(3);
});

describe('a message is sent once', () => {
  it('if the token has expired', async () => {
    const api = await setting.api();
    const client = await open(inviting(api.url));
    expect(await answers(client, KNOWN)).toEqual([found(KNOWN)]);
    api.tokens.expireAll();
    const reply = await invite(client);
    expect(api.messages.list().map(({ id }) => id)).toEqual([idOf(reply)]);
    expect(api.calls.count('/v1/users/login')).toBe(2);
    expect(api.calls.count(MESSAGES)).toBe(2);
  });

  it('if the connection breaks after it was received: the outcome is unknown', async () => {
    const api = await setting.api();
    force(api, () => 'loseAnswer');
    const host = await setting.host({ whatsapp: inviting(api.url) });
    expect(await invite(await setting.client(host))).toBe(failed(`the connection broke; ${UNKNOWN}`));
    expect(api.messages.list()).toHaveLength(1);
    expect(api.calls.count(MESSAGES)).toBe(1);
    expect(await metric(host, 'esp_invitations_total{channel="whatsapp",outcome="unknown"}')).toBe(1);
  });

  it('if no answer comes', async () => {
    const api = await setting.api();
    force(api, () => 'hang');
    const client = await open(inviting(api.url, ', timeoutMs: 200'));
    expect(await invite(client)).toBe(failed(`no answer within 200 ms; ${UNKNOWN}`));
    expect(api.calls.count(MESSAGES)).toBe(1);
  });

  it('at most, if the connection breaks before it was read', async () => {
    const api = await setting.api();
    force(api, () => 'reset');
    expect(await invite(await open(inviting(api.url)))).toBe(failed(`the connection broke; ${UNKNOWN}`));
    expect(api.messages.list()).toEqual([]);
    expect(api.calls.count(MESSAGES)).toBe(1);
  });

  it('on its own connection, as the server may close a kept one while it is sent', async () => {
    const seen: IncomingHttpHeaders[] = [];
    const server = createServer((asked, answer) => {
      seen.push(asked.headers);
      answer.end(JSON.stringify({ users: [{ token: 't' }], messages: [{ id: 'gBEG1' }] }));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const { port } = server.address() as AddressInfo;
      const client = await open(inviting(`http://127.0.0.1:${port}`));
      expect(idOf(await invite(client))).toBe('gBEG1');
      expect(seen.map(({ connection }) => connection)).toEqual(['keep-alive', 'close']);
    } finally {
      server.close();
    }
  });
});

describe('a message is not sent', () => {
  it('if nothing listens', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const host = await setting.host({ whatsapp: inviting(url) });
    expect(await invite(await setting.client(host))).toBe(`901 whatsapp connection with ${url} failed`);
    expect(await metric(host, 'esp_invitations_total{channel="whatsapp",outcome="not_sent"}')).toBe(1);
  });

  it('if the API does not use TLS', async () => {
    const api = await setting.api();
    const url = api.url.replace('http:', 'https:');
    const host = await setting.host({ whatsapp: gateway(url) });
    expect(await invite(await setting.client(host))).toBe(`901 whatsapp connection with ${url} failed`);
    expect(await metric(host, 'esp_invitations_total{channel="whatsapp",outcome="not_sent"}')).toBe(1);
  });

  it.each([
    ['a template that WhatsApp does not know', { StandardResponseId: 'bye' }, 'status 400: 2001 Template missing'],
    ['a number that is not on WhatsApp', { _umsClientId: '+4930123456' }, 'status 400: 1013 User is not valid'],
  ])('of %s', async (_what, parameters, why) => {
    const api = await setting.api();
    expect(await invite(await open(inviting(api.url)), parameters)).toBe(failed(why));
    expect(api.messages.list()).toEqual([]);
  });

  it('after its request has ended', async () => {
    const api = await setting.api();
    const login = Promise.withResolvers<undefined>();
    api.respondWith(() => login.promise);
    const client = await open(inviting(api.url), '{ deadlineMs: 100 }');
    expect(await invite(client)).toBe(failed(`deadline of 100 ms passed; ${UNKNOWN}`));
    login.resolve(undefined);
    await setting.log.line(/InviteToChat finished too late/);
    expect(api.calls.count('/v1/users/login')).toBe(1);
    expect(api.calls.count(MESSAGES)).toBe(0);
  });

  it.each([
    [NUMBER_PLAN, 'api.driver none sends no messages'],
    [
      `{ type: whatsapp, phoneNumber: "${INDIA}", contacts: { driver: number-plan } }`,
      'contacts.driver number-plan sends no messages',
    ],
  ])('on a channel without an API: %s', async (channel, why) => {
    const client = await open(withInvitations(channel));
    expect(await invite(client)).toBe(failed(why));
    await setting.log.line(/WARN {2}channel whatsapp: invitations\.templates are unused/);
  });
});

it('logs a message that was sent after its request ended', async () => {
  const api = await setting.api();
  const taken = Promise.withResolvers<undefined>();
  force(api, () => taken.promise);
  const client = await open(inviting(api.url), '{ deadlineMs: 100 }');
  expect(await invite(client)).toBe(failed(`deadline of 100 ms passed; ${UNKNOWN}`));
  taken.resolve(undefined);
  // The id begins with the customer's number.
  await setting.log.line(/WARN {2}message [\w-]{16} was sent after its request ended/);
  expect(api.messages.list()).toHaveLength(1);
  expect(setting.log.lines.join('\n')).not.toContain('gBEG');
});

it('trusts the configured authority', async () => {
  const { server } = await certificates();
  const api = await setting.api({ tls: { key: server.key, cert: server.certificate } });
  const client = await open(inviting(api.url, `, ca: ${file('ca.pem', server.certificate)}`));
  expect(idOf(await invite(client))).toBe(api.messages.list()[0]?.id);
  const stranger = await open(inviting(api.url));
  expect(await invite(stranger)).toBe(`901 whatsapp connection with ${api.url} failed`);
});

it('works with a gateway', async () => {
  const api = await setting.api({ apiKey: 'k-1' });
  const client = await open(gateway(api.url));
  expect(idOf(await invite(client))).toBe(api.messages.list()[0]?.id);
  expect(api.calls.count('/v1/users/login')).toBe(0);
});

it('requires the channel if there are several', async () => {
  const [one, two] = [await setting.api(), await setting.api()];
  const host = await setting.host({ one: inviting(one.url), 'channel-two': inviting(two.url) });
  const client = await setting.client(host);
  expect(await invite(client)).toBe(`904 ${METHOD} incorrect _umsChannel: needed, 2 channels are configured`);
  await invite(client, { _umsChannel: 'channel-two' });
  expect([one.messages.list().length, two.messages.list().length]).toEqual([0, 1]);
});

describe('beside the lookups of its channel', () => {
  it('is not cached, batched or counted as a lookup', async () => {
    const api = await setting.api();
    const host = await setting.host({ whatsapp: inviting(api.url, ', limits: { lookupsPerDay: 5 }') });
    const client = await setting.client(host);
    await invite(client);
    await invite(client);
    expect(api.messages.list()).toHaveLength(2);
    expect(await metric(host, 'esp_contacts_budget_left{channel="whatsapp"}')).toBe(5);
  });

  it('shares their circuit breaker', async () => {
    const api = await setting.api();
    force(api, () => ({ status: 503 }));
    const breaker = ', breaker: { failures: 2, probeAfterMs: 2000000000 }';
    const client = await open(inviting(api.url, breaker));
    for (let times = 0; times < 2; times++) expect(await invite(client)).toContain(UNKNOWN);
    const away = `901 whatsapp connection with ${api.url} failed`;
    expect(await invite(client)).toBe(away);
    expect(await answers(client, KNOWN)).toEqual([away]);
    expect(api.calls.count(MESSAGES)).toBe(2);
  });

  it('does not queue while the API counts as down', async () => {
    const api = await setting.api();
    const held = Promise.withResolvers<undefined>();
    api.respondWith(({ path }) =>
      path === MESSAGES ? held.promise : path === '/v1/contacts' ? { status: 503 } : undefined,
    );
    const more = ', calls: { atOnce: 1, queued: 1 }, breaker: { failures: 1, probeAfterMs: 2000000000 }';
    const client = await open(inviting(api.url, more));
    client.send(invitation(7));
    await until(() => api.calls.count(MESSAGES) > 0);
    expect((await answers(client, KNOWN))[0]).toMatch(/status 503$/);
    expect(await invite(client)).toBe(`901 whatsapp connection with ${api.url} failed`);
    held.resolve(undefined);
    await client.messages(3);
    expect(api.messages.list()).toHaveLength(1);
  });

  it('has its own bulkhead', async () => {
    const api = await setting.api();
    const held = Promise.withResolvers<undefined>();
    force(api, () => held.promise);
    const client = await open(inviting(api.url, ', calls: { atOnce: 1, queued: 1 }'));
    client.send(invitation(1), invitation(2), invitation(3));
    const [first] = await client.messages(1);
    expect(first?.referenceId).toBe(3);
    expect(first === undefined ? '' : outcome(first)).toBe(failed('overloaded'));
    expect(await answers(client, KNOWN)).toEqual([found(KNOWN)]);
    held.resolve(undefined);
    await client.messages(4);
    expect(api.messages.list()).toHaveLength(2);
  });
});

describe('wrong invitations stop the start', () => {
  const refused = (invitations: string): Promise<string> =>
    setting.host({ whatsapp: onPremises('http://x').replace(/ }$/, `, invitations: ${invitations} }`) }).then(
      () => '',
      (error: Error) =>
        error.message.replace(/^.*config\.yaml:\d+:\d+: (unknown key )?channels.whatsapp.invitations/, '$1'),
    );
  const template = (more: string): string => `{ templates: { a: { namespace: n, name: t, ${more} } } }`;

  it.each([
    ['{ default: welcom, templates: {} }', /^\.default must be one of the templates; there are: none$/],
    [
      INVITATIONS.replace('default: welcome', 'default: welcom'),
      /^\.default must be one of the templates; did you mean welcome\?$/,
    ],
    [template('language: en'), /^\.templates\.a\.language must be a mapping$/],
    [template('language: { code: english }'), /^\.templates\.a\.language\.code must be a language code of WhatsApp/],
    [template('language: { code: en }, body: x'), /unknown key .*templates\.a\.body/],
    [
      template('language: { code: en }, parameters: [""]'),
      /^\.templates\.a\.parameters\[0\] must not be empty: WhatsApp rejects empty texts/,
    ],
    [template('language: { code: en }').replace('name: t', 'name: A B'), /^\.templates\.a\.name must be the name of/],
  ])('%s', async (invitations, message) => {
    expect(await refused(invitations)).toMatch(message);
  });
});
