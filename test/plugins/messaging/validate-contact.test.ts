import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { file, removeFolders } from '../../support/files.js';
import { freePort } from '../../support/free-port.js';
import { outcome, request } from '../../support/raw-client.js';
import { certificates } from '../../support/tls.js';
import { answers, EACH_ALONE, formerly, found, gateway, NUMBER_PLAN, numbers, onPremises, Setting } from './setting.js';
import type { WhatsAppApi } from './whatsapp-api.js';

afterAll(removeFolders);

let setting = new Setting();
afterEach(async () => {
  await setting.end();
  setting = new Setting();
});

const KNOWN = '+16315551002';
const METHOD = 'Messaging.ValidateContact';
const contacts = (api: WhatsAppApi): readonly string[] => api.calls.list().flatMap((call) => call.contacts ?? []);

/** The documented Ids, and what each is answered with on a channel registered in India. */
const EXAMPLES: ReadonlyMap<string, string> = new Map([
  ['+1-631-555-1002', '+16315551002'],
  ['6315551002', ''],
  ['1-631-555-1002', ''],
  ['+1 (516) 283-7151', '+15162837151'],
  ['+54 9 11 5612-1008', '+5491156121008'],
]);

describe('on a channel registered in India', () => {
  it('answers the documented examples', async () => {
    const api = await setting.api();
    expect(await setting.ask(onPremises(api.url), ...EXAMPLES.keys())).toEqual([...EXAMPLES.values()].map(found));
    expect([...contacts(api)].sort()).toEqual(
      ['+16315551002', '+916315551002', '+9116315551002', '+15162837151', '+5491156121008'].sort(),
    );
  });

  it('answers the same if the API compares numbers as text', async () => {
    // The mock API reads numbers with the library that the plugin uses: a mistake of both would go unseen.
    const onWhatsApp = new Map([
      ['+16315551002', '16315551002'],
      ['+15162837151', '15162837151'],
      ['+5491156121008', '5491156121008'],
    ]);
    const api = await setting.api();
    const answer = (input: string) => {
      const wa_id = onWhatsApp.get(input);
      return wa_id === undefined ? { input, status: 'invalid' } : { input, status: 'valid', wa_id };
    };
    api.respondWith(({ path, contacts }) =>
      path === '/v1/contacts' ? { status: 200, body: { contacts: contacts.map(answer) } } : undefined,
    );
    expect(await setting.ask(onPremises(api.url), ...EXAMPLES.keys())).toEqual([...EXAMPLES.values()].map(found));
  });

  it('answers digits that are not a number with the empty string, without a lookup', async () => {
    const api = await setting.api();
    expect(await setting.ask(onPremises(api.url), '1', '+999 12', '1'.repeat(300))).toEqual(Array(3).fill(found('')));
    expect(api.calls.list()).toEqual([]);
  });

  it('answers with the wa_id if WhatsApp writes the number differently', async () => {
    const api = await setting.api();
    api.respondWith(({ path, contacts: [input] }) =>
      path === '/v1/contacts'
        ? { status: 200, body: { contacts: [{ input, status: 'valid', wa_id: '541156121008' }] } }
        : undefined,
    );
    expect(await setting.ask(onPremises(api.url), '+54 9 11 5612-1008')).toEqual([found('+541156121008')]);
  });

  it.each(['invalid', 'failed', 'processing', 'news'])('answers status %s with the empty string', async (status) => {
    const api = await setting.api();
    api.respondWith(({ path, contacts: [input] }) =>
      path === '/v1/contacts' ? { status: 200, body: { contacts: [{ input, status }] } } : undefined,
    );
    expect(await setting.ask(onPremises(api.url), KNOWN)).toEqual([found('')]);
  });

  it('matches answers to numbers by their input', async () => {
    const api = await setting.api();
    api.respondWith(({ path, contacts: [input] }) =>
      path === '/v1/contacts'
        ? {
            status: 200,
            body: {
              contacts: [
                { input: '+4930123456', status: 'valid', wa_id: '4930123456' },
                { input, status: 'invalid' },
              ],
            },
          }
        : undefined,
    );
    expect(await setting.ask(onPremises(api.url), KNOWN)).toEqual([found('')]);
  });
});

describe('904', () => {
  it('for an Id that is missing, not a string, or has no digit', async () => {
    const client = await setting.client(await setting.host({ whatsapp: onPremises('http://127.0.0.1:9') }));
    const ask = async (parameters: object) =>
      outcome(await client.ask(request(1, 'Messaging', 'ValidateContact', { ...parameters })));
    expect(await ask({})).toBe(`904 ${METHOD} incorrect Id: missing`);
    expect(await ask({ Id: 5 })).toBe(`904 ${METHOD} incorrect Id: not a string`);
    expect(await ask({ Id: '' })).toBe(`904 ${METHOD} incorrect Id: no digits`);
    expect(await ask({ Id: 'call me' })).toBe(`904 ${METHOD} incorrect Id: no digits`);
    expect(await ask({ Id: KNOWN, _umsChannel: 'x' })).toBe(`904 ${METHOD} incorrect _umsChannel: no channel 'x'`);
  });

  it('if the channel is required', async () => {
    const [one, two] = [await setting.api(), await setting.api({ numbers: [] })];
    const client = await setting.client(
      await setting.host({ one: onPremises(one.url), 'channel-two': onPremises(two.url) }),
    );
    const ask = async (parameters: object) =>
      outcome(await client.ask(request(1, 'Messaging', 'ValidateContact', { Id: KNOWN, ...parameters })));
    expect(await ask({})).toBe(`904 ${METHOD} incorrect _umsChannel: needed, 2 channels are configured`);
    expect(await ask({ _umsChannel: 'channel-one' })).toBe(found(KNOWN));
    expect(await ask({ _umsChannel: 'two' })).toBe(found(''));
  });
});

describe('901', () => {
  it('if nothing listens, with the reason in the log', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    expect(await setting.ask(onPremises(url), KNOWN)).toEqual([`901 whatsapp connection with ${url} failed`]);
    await setting.log.line(/WARN .*failed: .*ECONNREFUSED.*code=901/);
  });

  it('if the login is refused, with the reason but not the password in the log', async () => {
    const api = await setting.api({ password: 'other' });
    expect(await setting.ask(onPremises(`${api.url}/`), KNOWN)).toEqual([
      `901 whatsapp connection with ${api.url} failed`,
    ]);
    await setting.log.line(/login refused: status 401: 1005 Access denied/);
    expect(setting.log.lines.join('\n')).not.toMatch(/hush|YWRtaW46aHVzaA/);
  });

  it('if the API refuses a token that it just issued', async () => {
    const api = await setting.api();
    api.respondWith(({ path }) => (path === '/v1/contacts' ? { status: 401 } : undefined));
    expect(await setting.ask(onPremises(api.url), KNOWN)).toEqual([`901 whatsapp connection with ${api.url} failed`]);
    expect(api.calls.count('/v1/users/login')).toBe(2);
    expect(api.calls.count('/v1/contacts')).toBe(2);
  });

  it('if the certificate authority is not trusted', async () => {
    const { server } = await certificates();
    const api = await setting.api({ tls: { key: server.key, cert: server.certificate } });
    expect(await setting.ask(onPremises(api.url), KNOWN)).toEqual([`901 whatsapp connection with ${api.url} failed`]);
    await setting.log.line(/self-signed certificate/);
  });
});

describe('920', () => {
  const failed = `920 whatsapp failed to execute request ${METHOD}:`;

  it.each([
    ['status 500', { status: 500 }],
    ['status 429', { status: 429 }],
    ['status 400', { status: 400 }],
    ['the answer is not JSON', { status: 200, body: 'hello' }],
    ['the answer is not that of a contacts endpoint', { status: 200, body: { contacts: 'none' } }],
    [
      'the answer is not that of a contacts endpoint',
      { status: 200, body: { contacts: [{ input: KNOWN, status: 'valid' }] } },
    ],
    ['the number is not in the answer', { status: 200, body: { contacts: [] } }],
  ])('%s', async (why, forced) => {
    const api = await setting.api();
    api.respondWith(({ path }) => (path === '/v1/contacts' ? forced : undefined));
    expect(await setting.ask(onPremises(api.url), KNOWN)).toEqual([`${failed} ${why}`]);
    expect(api.calls.count('/v1/contacts')).toBe(1);
  });

  it('if the login fails for another reason', async () => {
    const api = await setting.api();
    api.respondWith(() => ({ status: 503 }));
    expect(await setting.ask(onPremises(api.url), KNOWN)).toEqual([`${failed} status 503`]);
    api.respondWith(() => ({ status: 200, body: { users: [] } }));
    const client = await setting.client(await setting.host({ whatsapp: onPremises(api.url) }));
    expect(await answers(client, KNOWN)).toEqual([`${failed} the answer to the login has no token`]);
  });

  it('if the API does not answer in time', async () => {
    const api = await setting.api();
    api.respondWith(({ path }) => (path === '/v1/contacts' ? 'hang' : undefined));
    expect(await setting.ask(onPremises(api.url, ', timeoutMs: 50'), KNOWN)).toEqual([
      `${failed} no answer within 50 ms`,
    ]);
  });

  it('at the deadline of the request', async () => {
    const api = await setting.api();
    api.respondWith(({ path }) => (path === '/v1/contacts' ? 'hang' : undefined));
    const host = await setting.host({ whatsapp: onPremises(api.url, ', timeoutMs: 300') }, '{ deadlineMs: 100 }');
    expect(await answers(await setting.client(host), KNOWN)).toEqual([`${failed} deadline of 100 ms passed`]);
    await setting.log.line(/finished too late/);
  });
});

describe('the login', () => {
  const ids = numbers(50);

  it('is shared by concurrent requests, and kept', async () => {
    const api = await setting.api({ numbers: ids });
    const client = await setting.client(await setting.host({ whatsapp: onPremises(api.url, EACH_ALONE) }));
    expect(await answers(client, ...ids)).toEqual(ids.map(found));
    expect(await answers(client, ...ids)).toEqual(ids.map(found));
    expect(api.calls.count('/v1/users/login')).toBe(1);
    expect(api.calls.count('/v1/contacts')).toBe(100);
  });

  it('is repeated, once for all requests, if the token is refused', async () => {
    const api = await setting.api({ numbers: ids });
    const client = await setting.client(await setting.host({ whatsapp: onPremises(api.url, EACH_ALONE) }));
    await answers(client, KNOWN);
    api.tokens.expireAll();
    expect(await answers(client, ...ids)).toEqual(ids.map(found));
    expect(api.calls.count('/v1/users/login')).toBe(2);
  });

  it('is retried by the next request if it failed', async () => {
    const api = await setting.api({ password: 'other' });
    const client = await setting.client(await setting.host({ whatsapp: onPremises(api.url) }));
    expect((await answers(client, KNOWN))[0]).toMatch(/^901 /);
    api.setPassword('hush');
    expect(await answers(client, KNOWN)).toEqual([found(KNOWN)]);
  });
});

describe('a connection that breaks', () => {
  it('is retried once, as a lookup has no effect', async () => {
    const api = await setting.api();
    let resets = 0;
    api.respondWith(({ path }) => (path === '/v1/contacts' && resets++ === 0 ? 'reset' : undefined));
    expect(await setting.ask(onPremises(api.url), KNOWN)).toEqual([found(KNOWN)]);
    expect(api.calls.count('/v1/contacts')).toBe(2);
  });

  it('is 901 if it breaks again', async () => {
    const api = await setting.api();
    api.respondWith(({ path }) => (path === '/v1/contacts' ? 'reset' : undefined));
    expect(await setting.ask(onPremises(api.url), KNOWN)).toEqual([`901 whatsapp connection with ${api.url} failed`]);
    expect(api.calls.count('/v1/contacts')).toBe(2);
  });
});

describe('an API client that calls every number valid', () => {
  const unknown = '+4930123456';
  const count = async (host: { metrics: { text(): Promise<string> } }) =>
    (await host.metrics.text()).match(/^esp_contacts_unreliable_total\{channel="whatsapp"\} (\d+)$/m)?.[1];

  it.each([
    ['trust', found(unknown)],
    ['empty', found('')],
    ['fault', `920 whatsapp failed to execute request ${METHOD}: API client 2.45.1 calls every number valid`],
  ])('with whenAlwaysValid: %s', async (policy, expected) => {
    const api = await setting.api();
    const host = await setting.host({ whatsapp: onPremises(api.url, `${EACH_ALONE}, whenAlwaysValid: ${policy}`) });
    const client = await setting.client(host);
    expect(await answers(client, unknown, KNOWN)).toEqual([found(''), found(KNOWN)]);
    expect(await count(host)).toBe('0');
    api.setVersion('2.45.1');
    expect(await answers(client, unknown)).toEqual([expected]);
    await answers(client, unknown, KNOWN);
    expect(await count(host)).toBe('3');
    const warnings = setting.log.matching(/WARN {2}channel whatsapp: API client 2\.45\.1 calls every number valid/);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(`(contacts.whenAlwaysValid: ${policy})`);
  });

  it('warns once per channel', async () => {
    const api = await setting.api({ version: '2.45.1' });
    const host = await setting.host({ one: onPremises(api.url), two: onPremises(api.url) });
    const client = await setting.client(host);
    for (const _umsChannel of ['one', 'two', 'one', 'two']) {
      await client.ask(request(1, 'Messaging', 'ValidateContact', { Id: KNOWN, _umsChannel }));
    }
    expect(setting.log.matching(/calls every number valid/)).toHaveLength(2);
  });

  it('counts as an old one without a version', async () => {
    const api = await setting.api();
    api.respondWith(({ path, contacts: [input] }) =>
      path === '/v1/contacts'
        ? { status: 200, body: { contacts: [{ input, status: 'valid', wa_id: '16315551002' }] } }
        : undefined,
    );
    expect(await setting.ask(onPremises(api.url, ', whenAlwaysValid: empty'), KNOWN)).toEqual([found(KNOWN)]);
  });
});

describe('a gateway', () => {
  it('gets its key in a header, without a login', async () => {
    const api = await setting.api({ apiKey: 'k-1' });
    expect(await setting.ask(gateway(api.url, 'k-1'), KNOWN, '+4930123456')).toEqual([found(KNOWN), found('')]);
    expect(api.calls.count('/v1/users/login')).toBe(0);
  });

  it('is 901 if it refuses the key', async () => {
    const api = await setting.api({ apiKey: 'k-1' });
    expect(await setting.ask(gateway(api.url, 'k-2'), KNOWN)).toEqual([
      `901 whatsapp connection with ${api.url} failed`,
    ]);
    expect(api.calls.count('/v1/contacts')).toBe(1);
    expect(setting.log.lines.join('\n')).not.toContain('k-2');
  });

  it('can use another header', async () => {
    const api = await setting.api({ apiKey: 'k-1' });
    const channel = gateway(api.url, 'k-1', ', header: X-Key');
    expect(await setting.ask(channel, KNOWN)).toEqual([`901 whatsapp connection with ${api.url} failed`]);
  });

  it('counts as a new one without a version', async () => {
    const api = await setting.api({ apiKey: 'k-1' });
    api.respondWith(({ contacts: [input] }) => ({
      status: 200,
      body: { contacts: [{ input, status: 'valid', wa_id: '16315551002' }] },
    }));
    expect(await setting.ask(gateway(api.url, 'k-1', ', whenAlwaysValid: empty'), KNOWN)).toEqual([found('')]);
    await setting.log.line(/WARN {2}channel whatsapp: the API client calls every number valid/);
  });
});

describe('the number plan', () => {
  it("answers without a network, and says at the start that it is not WhatsApp's word", async () => {
    expect(await setting.ask(NUMBER_PLAN, '6315551002', '1-631-555-1002')).toEqual([found('+916315551002'), found('')]);
    await setting.log.line(/WARN {2}channel whatsapp: contacts\.from number-plan checks whether a number can exist/);
  });

  it('decides on a channel with an API too', async () => {
    const api = await setting.api();
    const channel = onPremises(api.url).replace('contacts-endpoint', 'number-plan');
    expect(await setting.ask(channel, '+916315551002')).toEqual([found('+916315551002')]);
    expect(api.calls.list()).toEqual([]);
  });
});

it('trusts the configured authority, for a self-signed certificate', async () => {
  const { server } = await certificates();
  const api = await setting.api({ tls: { key: server.key, cert: server.certificate } });
  const ca = file('ca.pem', server.certificate);
  expect(await setting.ask(onPremises(api.url, `, ca: ${ca}`), KNOWN)).toEqual([found(KNOWN)]);
});

/** What is wrong with a config with this channel. */
const refused = (channel: string) =>
  setting.host({ whatsapp: channel }).then(
    () => '',
    (error: Error) => error.message.replace(/^.*config\.yaml/, 'config.yaml'),
  );

describe('a wrong channel stops the start', () => {
  const number = 'phoneNumber: "+919876543210"';
  const contacts = 'contacts: { from: contacts-endpoint }';

  it.each([
    [`{ type: whatsapp, ${number}, ${contacts} }`, /^config.yaml:3:13: channels.whatsapp.api is missing: /],
    [
      `{ type: whatsapp, ${number}, api: { driver: none } }`,
      /^config.yaml:3:13: channels.whatsapp.contacts is missing: /,
    ],
    [
      `{ type: whatsapp, ${number} }`,
      /channels.whatsapp.api is missing: .*\n.*channels.whatsapp.contacts is missing: /,
    ],
    [
      `{ type: whatsapp, ${number}, api: { driver: premises }, ${contacts} }`,
      /api.driver must be cloud or on-premises or gateway or none, not "premises"/,
    ],
    [
      `{ type: whatsapp, ${number}, api: { driver: none }, ${contacts} }`,
      /^config.yaml:3:102: channels.whatsapp.contacts.from must be evidence or number-plan with api.driver none, /,
    ],
    [
      `{ type: whatsapp, ${number}, api: { driver: none }, contacts: { driver: number-plan } }`,
      /^config.yaml:3:94: channels.whatsapp.contacts.from is missing: it must be evidence or contacts-endpoint or number-plan/,
    ],
    [gateway('http://u:hush@x', 'k'), /api.url must hold no user name or password/],
    [onPremises('http://x', ', timeoutMs: 0'), /api.timeoutMs must be at least 1, not 0/],
    [onPremises('http://x', ', timeout: 5'), /unknown key channels.whatsapp.contacts.timeout: known keys are from, /],
    [
      onPremises('http://x', ', cache: { sise: 5 }'),
      /unknown key channels.whatsapp.contacts.cache.sise: did you mean size\?/,
    ],
    [onPremises('http://x', ', calls: { atOnce: 1.5 }'), /api.calls.atOnce must be a whole number, not 1.5/],
  ])('%s', async (channel, message) => {
    const said = await refused(channel);
    expect(said).toMatch(message);
    expect(said).not.toContain('hush@');
  });
});

describe('a wrong channel in the former form stops the start', () => {
  const number = 'phoneNumber: "+919876543210"';

  it.each([
    [
      `{ type: whatsapp, contacts: { driver: number-plan } }`,
      /^config.yaml:3:13: channels.whatsapp.phoneNumber is missing: /,
    ],
    [
      `{ type: whatsapp, phoneNumber: "+99912345678", contacts: { driver: number-plan } }`,
      /^config.yaml:3:44: channels.whatsapp.phoneNumber must be a number that can exist/,
    ],
    [
      `{ type: whatsapp, ${number}, contacts: { driver: on-premise } }`,
      /contacts.driver must be on-premises or gateway or number-plan, not "on-premise"; did you mean on-premises\?$/,
    ],
    [
      `{ type: whatsapp, ${number}, contacts: { driver: gateway, url: "ftp://x", apiKey: k } }`,
      /contacts.url must be an http or https URL/,
    ],
    [
      `{ type: whatsapp, ${number}, contacts: { driver: gateway, url: "http://u:hush@x", apiKey: k } }`,
      /contacts.url must hold no user name or password/,
    ],
    [
      `{ type: whatsapp, ${number}, contacts: { driver: gateway, url: "http://x", apikey: k } }`,
      /unknown key channels.whatsapp.contacts.apikey: did you mean apiKey\?/,
    ],
    [
      formerly('http://x', ', whenAlwaysValid: never'),
      /contacts.whenAlwaysValid must be trust or empty or fault, not "never"/,
    ],
    [formerly('http://x', ', ca: nowhere.pem'), /contacts.ca cannot be read \(ENOENT\)/],
    [formerly('http://x', ', timeout: 5'), /unknown key channels.whatsapp.contacts.timeout: did you mean timeoutMs\?/],
    [
      formerly('http://x', ', cache: { sise: 5 }'),
      /unknown key channels.whatsapp.contacts.cache.sise: did you mean size\?/,
    ],
    [formerly('http://x', ', batch: { size: 0 }'), /contacts.batch.size must be at least 1, not 0/],
    [formerly('http://x', ', calls: { atOnce: 1.5 }'), /contacts.calls.atOnce must be a whole number, not 1.5/],
    [formerly('http://x', ', breaker: 5'), /contacts.breaker must be a mapping, not 5/],
    [formerly('http://x', ', limits: { warnAt: 80 }'), /contacts.limits.warnAt must be at most 1, not 80/],
    [
      formerly('http://x', ', limits: { whenSpent: trust }'),
      /contacts.limits.whenSpent must be fault or empty, not "trust"/,
    ],
  ])('%s', async (channel, message) => {
    const said = await refused(channel);
    expect(said).toMatch(message);
    expect(said).not.toContain('hush@');
  });
});

it('a channel in the former form works, and is warned about', async () => {
  const api = await setting.api();
  expect(await setting.ask(formerly(api.url), ...EXAMPLES.keys())).toEqual([...EXAMPLES.values()].map(found));
  await setting.log.line(
    /WARN {2}\S+config\.yaml:3:\d+: channels\.whatsapp\.contacts\.driver is read for one more minor version: .* write api: /,
  );
  await setting.log.line(
    /WARN {2}\S+config\.yaml:3:\d+: channels\.whatsapp\.contacts\.driver on-premises has been dead/,
  );
});
