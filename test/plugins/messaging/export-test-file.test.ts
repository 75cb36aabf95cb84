import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { type EspMessage, type JsonEntry, listFromJson, MessageId } from '#wire';
import type { Platform } from '../../../mock-platform/platform/platform.js';
import { PlatformSetting } from '../../mock-platform/platform-setting.js';
import { file, ROOT, removeFolders } from '../../support/files.js';
import { request } from '../../support/raw-client.js';

/** The tests that come of it are run by jest in test/end-to-end/exported-test.test.ts. */

let setting = new PlatformSetting();
afterEach(async () => {
  await setting.end();
  setting = new PlatformSetting();
});
afterAll(removeFolders);

const use = (folder: string): string => `{ use: ${join(ROOT, folder)} }`;
const PLUGINS = ['test/fixtures/plugins/odd', 'test/fixtures/plugins/upstream', 'plugins/messaging']
  .map(use)
  .join(', ');
const CONFIG = `application: { name: DMS, addressing: strict }
listeners: { esp: { port: 0 }, metrics: { port: 0 } }
plugins: [${PLUGINS}]
channels:
  whatsapp:
    type: whatsapp
    phoneNumber: "+919876543210"
    api: { driver: on-premises, url: "\${WHATSAPP_URL}", username: admin, password: secret }
    contacts: { from: contacts-endpoint, cache: { size: 0 } }
    invitations:
      default: hello
      templates: { hello: { namespace: ns, name: hello, language: { code: en } } }
`;
const STUBS = `application: { name: Mail, type: 64 }
stubs: [{ match: { service: Email }, answer: { parameters: { Sent: "yes" } } }]
`;
const WORLD = `interactionServer: { port: 0 }
applications: [{ name: DMS, type: 171, address: host }, { stubs: ${file('mail.yaml', STUBS)} }]
upstreams:
  whatsapp:
    plugin: ${join(ROOT, 'plugins/messaging')}
    settings:
      registeredNumber: "+919876543210"
      password: secret
      numbers: ["+16315551002"]
      templates: [{ namespace: ns, name: hello, language: en, body: Hello. }]
console: { port: 0 }
`;

/** A platform that was asked these, one after the other. */
async function asked(...messages: EspMessage[]): Promise<Platform> {
  return askedOf(await setting.platform(CONFIG, WORLD), messages);
}

async function askedOf(platform: Platform, messages: readonly EspMessage[]): Promise<Platform> {
  const client = await setting.client(platform.esp);
  for (const message of messages) await client.ask(message);
  return platform;
}

async function upstream(answer: RequestListener): Promise<string> {
  const server = createServer((incoming, outgoing) => {
    incoming.resume().on('end', () => answer(incoming, outgoing));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  setting.onEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`;
}

const typed = (method: string, parameters: JsonEntry[], userData?: JsonEntry[], text = 'str'): EspMessage => ({
  messageId: MessageId.Request3rdServer,
  referenceId: 5,
  request: listFromJson([
    ['Service', text, 'Odd'],
    ['Method', text, method],
    ['Parameters', 'list', parameters],
  ]),
  userData: userData && listFromJson(userData),
});

/** What stands between the imports and the end. */
const body = (text: string): string => text.slice(text.indexOf('it('));

describe('a test has', () => {
  it('the parameters with their types, UserData, and the typed answer', async () => {
    const mixed: JsonEntry[] = [
      ['A', 'str', 'x'],
      ['A', 'utf16', 'y'],
    ];
    const platform = await asked(
      typed(
        'Repeat',
        [
          ['Count', 'int', 5],
          ['Raw', 'bin', '00ff'],
        ],
        [['Segment', 'str', 'gold']],
      ),
      typed('Repeat', [['Größe', 'utf16', 'XL']], undefined, 'utf16'),
      typed('Repeat', mixed),
    );
    expect(
      body(await platform.exportedTest(1)),
    ).toBe(`it('Odd.Repeat answers as in entry 1 of the journal', async () => {
  const tested = await testPlugin(plugin, {
    application: { addressing: 'strict' },
  });
  const outcome = await tested.call(
    'Odd.Repeat',
    { Count: 5, Raw: Buffer.from('00ff', 'hex') },
    { userData: { Segment: 'gold' } },
  );
  await tested.stop();
  expect(outcome).toBeEspResponse({ Count: 5, Raw: Buffer.from('00ff', 'hex') });
  expect(outcome.userData).toEqual({ Segment: 'gold' });
});
`);
    expect(await platform.exportedTest(2)).toContain(`'Odd.Repeat', { 'Größe': 'XL' }, { text: 'utf16' })`);
    const exact = await platform.exportedTest(3);
    expect(exact).toContain(`import { KeyValueList } from 'esp-host';\n`);
    expect(exact).toContain(`  expect(outcome).toBeEspResponse(new KeyValueList([
    { key: 'A', type: 'str', value: 'x' },
    { key: 'A', type: 'utf16', value: 'y' },
  ]));
`);
    for (const id of [1, 2, 3]) expect(await platform.exportedTest(id)).not.toContain('This test fails');
  });

  it('the answers of upstreams: bodies, statuses, headers, and failures', async () => {
    let calls = 0;
    const Url = await upstream((_incoming, outgoing) => {
      calls++;
      if (calls === 1)
        outgoing.writeHead(201, { 'content-type': 'application/json', etag: '"7"' }).end('{"a":[1,"b"]}');
      else if (calls === 2) outgoing.writeHead(404, { 'content-type': 'text/plain' }).end("it's not {} here");
      else outgoing.destroy();
    });
    const ask = request(1, 'Upstream', 'Post', { Url });
    const platform = await asked(ask, ask, ask);
    const replies = async (id: number) => /fakeHttp\(\[\n(.*?)\n {2}\]\);/s.exec(await platform.exportedTest(id))?.[1];
    expect(await replies(1)).toBe(
      `    { method: 'POST', url: '${Url}', status: 201, headers: { etag: '"7"' }, json: { a: [1, 'b'] } },`,
    );
    expect(await replies(2)).toBe(`    {
      method: 'POST',
      url: '${Url}',
      status: 404,
      headers: { 'content-type': 'text/plain' },
      body: "it's not {} here",
    },`);
    expect(await replies(3)).toBe(`    { method: 'POST', url: '${Url}', error: 'ECONNRESET' },`);
    expect(await platform.exportedTest(3)).toContain(
      "toBeEspFault(920, 'DMS failed to execute request Upstream.Post: no answer');",
    );
    for (const id of [1, 2, 3]) expect(await platform.exportedTest(id)).not.toContain('This test fails');
  });

  it.each(['Hang', 'HangOnce'])('the deadline that passes: %s', async (method) => {
    const platform = await setting.platform(`${CONFIG}limits: { deadlineMs: 200 }\n`, WORLD);
    const text = await (await askedOf(platform, [typed(method, [])])).exportedTest(1);
    expect(text).toContain(`    deadlineMs: 200,
  });
  const called = tested.call('Odd.${method}', {});
  tested.clock.advance(200);
  const outcome = await called;
`);
    expect(text).not.toContain('This test fails');
  });

  it('a connection that broke when a message was written', async () => {
    const platform = await setting.platform(CONFIG, WORLD);
    const numbers = { _umsClientId: '+16315551002', _umsBusinessId: '+919876543210' };
    const invite = request(1, 'ChatService', 'InviteToChat', numbers);
    await askedOf(platform, [invite]);
    platform.faults.add({ kind: 'upstreamAnswerLost', times: 1 });
    const text = await (await askedOf(platform, [invite])).exportedTest(2);
    expect(text).toContain(`  expect(outcome).toBeEspFault(
    920,
    'whatsapp failed to execute request ChatService.InviteToChat: the connection broke; whether it was done is unknown',
  );
`);
    expect(text).not.toContain('This test fails');
  });

  it('the state from earlier exchanges, and its channels, without secrets', async () => {
    const number = (Id: string) => request(1, 'Messaging', 'ValidateContact', { Id });
    const text = await (await asked(number('6315551002'), number('+1-631-555-1002'))).exportedTest(2);
    expect(text).toMatch(
      /\/\/ From entry 1: the plugin had it cached\.\n {4}\{\n {6}method: 'POST',\n {6}url: '\S+login'/,
    );
    expect(text).toMatch(/json: \{ users: \[\{ token: '\*\*\*'/);
    expect(text).toContain(`password: '***'`);
    expect(text).toContain('// Secrets are masked as ***.\n');
    expect(text).toContain(`expect(outcome).toBeEspResponse({ Id: '+16315551002' });`);
    expect(text).not.toContain('This test fails');
  });

  it('a placeholder for a secret in the answer', async () => {
    const text = await (await asked(typed('Repeat', [['Password', 'str', 'hunter2']]))).exportedTest(1);
    expect(text).toContain('toBeEspResponse({ Password: expect.anything() })');
    expect(text).not.toContain('hunter2');
  });
});

describe('a comment says', () => {
  it('where to save it', async () => {
    const text = await (await asked(typed('Repeat', []))).exportedTest(1);
    const folder = join(ROOT, 'test/fixtures/plugins/odd');
    expect(text).toMatch(/^\/\/ Odd\.Repeat, entry 1 of the journal\. Save it as /);
    expect(text).toContain(`Save it as ${folder}/repeat-entry-1.test.ts\n`);
    expect(text).toContain(`import plugin from './index.js';\n`);
  });

  it('that the method answers differently now', async () => {
    const platform = await asked(typed('Count', []), typed('Count', []), typed('Crash', []));
    expect(await platform.exportedTest(1)).not.toContain('This test fails');
    expect(await platform.exportedTest(2)).toContain(
      '\n// This test fails: the method answers with different values (Number: int 1, not int 2).\n',
    );
    expect(await platform.exportedTest(3)).not.toContain('This test fails');
  });

  it('which parts of the request are not sent', async () => {
    const platform = await asked(request(1, 'Odd', 'Repeat', { A: 'x' }, { TenantId: 5, MediaType: 'chat' }));
    expect(await platform.exportedTest(1)).toContain(
      '\n// The test does not send these keys of the request: TenantId, MediaType.\n',
    );
  });
});

describe('there is no test of', () => {
  it.each<[string, (platform: Platform) => EspMessage, string]>([
    [
      'what no plugin has',
      () => request(1, 'No', 'Such'),
      'entry 1 calls No.Such, which no plugin has: export it as stub',
    ],
    [
      'what the host itself answered',
      () => request(1, 'Odd', 'Count', {}, { AppName: 'Other' }),
      'entry 1 was answered by the host, not by the method (902 Other unknown application): export it as stub',
    ],
    [
      'a fault that was switched on',
      (platform) => {
        platform.faults.add({ id: 'f', kind: 'espFault', code: '1', text: 'x' });
        return request(1, 'Odd', 'Count');
      },
      "entry 1 was answered by the injected fault 'f': export it as stub",
    ],
    [
      'Parameters that are none',
      () => ({
        ...request(1, 'Odd', 'Count'),
        request: listFromJson([
          ['Service', 'str', 'Odd'],
          ['Method', 'str', 'Repeat'],
          ['Parameters', 'str', 'x'],
        ]),
      }),
      'entry 1 has Parameters that are not a list, which a test cannot send: export it as send',
    ],
  ])('%s', async (_name, message, why) => {
    const platform = await setting.platform(CONFIG, WORLD);
    const client = await setting.client(platform.esp);
    await client.ask(message(platform));
    await expect(platform.exportedTest(1)).rejects.toThrow(why);
  });

  it('an answer of a stub', async () => {
    const platform = await setting.platform(CONFIG, WORLD);
    await (await setting.client(platform.interactionServer)).ask(request(1, 'Email', 'Send', {}, { AppName: 'Mail' }));
    await expect(platform.exportedTest(1)).rejects.toThrow(/^entry 1 was answered by the stub '.*', not by a plugin/);
  });

  it('an exchange without an answer', async () => {
    const platform = await setting.platform(CONFIG, WORLD);
    platform.faults.add({ kind: 'noAnswer' });
    const client = await setting.client(platform.esp);
    client.send(request(1, 'Odd', 'Count'));
    await new Promise<void>((resolve) => {
      const stop = platform.journal.subscribe(({ kind }) => {
        if (kind !== 'changed' || platform.journal.get(1)?.outcome === 'pending') return;
        stop();
        resolve();
      });
    });
    await expect(platform.exportedTest(1)).rejects.toThrow('entry 1 has no answer for a test to expect');
    await expect(platform.exportedTest(2)).rejects.toMatchObject({ code: 'ESP_MOCK_UNKNOWN_ENTRY', id: 2 });
  });

  it.each<[string, string | Buffer]>([
    ['long', 'x'.repeat(65_537)],
    ['no text', Buffer.from('ff00', 'hex')],
  ])('an answer of an upstream that is %s', async (_name, answer) => {
    const Url = await upstream((_incoming, outgoing) => outgoing.end(answer));
    const platform = await asked(request(1, 'Upstream', 'Post', { Url }));
    await expect(platform.exportedTest(1)).rejects.toThrow(
      `POST ${Url} answered entry 1 with more than 64 kB or with binary data`,
    );
  });
});
