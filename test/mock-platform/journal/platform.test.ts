import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import type { JournalEntry, Platform } from '../../../mock-platform/index.js';
import { Changes } from '../../support/eventually.js';
import { file, ROOT, removeFolders } from '../../support/files.js';
import { outcome, RawClient, request } from '../../support/raw-client.js';
import { certificates } from '../../support/tls.js';
import { response } from '../interaction-server/setting.js';
import { CONFIG, PLATFORM, PlatformSetting } from '../platform-setting.js';

let setting = new PlatformSetting();
afterEach(async () => {
  await setting.end();
  setting = new PlatformSetting();
});
afterAll(removeFolders);

const greet = (referenceId: number | undefined, more = {}) =>
  request(referenceId, 'Greeting', 'Greet', { Name: 'Ann' }, more);
const addressOf = ({ socket }: RawClient): string => `127.0.0.1:${socket.localPort}`;

/** The last entry, as soon as it is as it should be. */
async function entry({ journal }: Platform, fits: (entry: JournalEntry) => boolean): Promise<JournalEntry> {
  const changes = new Changes();
  const stop = journal.subscribe(() => changes.announce());
  const last = () => journal.find({ limit: 1 })[0];
  try {
    return await changes.first(
      () => [last()].find((found) => found !== undefined && fits(found)),
      () => `an entry for which ${fits}; the last one is ${JSON.stringify(last())}`,
    );
  } finally {
    stop();
  }
}

async function upstream(answer: string, headers: Record<string, string> = {}): Promise<string> {
  const server = createServer((incoming, outgoing) => {
    incoming.resume().on('end', () => outgoing.writeHead(200, headers).end(answer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  setting.onEnd(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('an exchange with the host', () => {
  it('is in the journal', async () => {
    const platform = await setting.platform();
    const client = await setting.client(platform.esp);
    expect(outcome(await client.ask(greet(7)))).toBe('{"Greeting":"Hello, Ann!"}');
    expect(platform.journal.get(1)).toMatchObject({
      client: addressOf(client),
      via: undefined,
      application: 'DMS',
      service: 'Greeting',
      method: 'Greet',
      outcome: 'response',
      request: { json: { referenceId: 7 } },
      reply: { json: { referenceId: 7 } },
    });
  });

  it('through Interaction Server has the original client, once', async () => {
    const platform = await setting.platform();
    const client = await setting.client(platform.interactionServer);
    const other = await setting.client(platform.interactionServer);
    await client.ask(greet(7, { AppName: 'DMS' }));
    await other.ask(greet(7, { AppType: 171 }));
    expect(platform.journal.find().reverse()).toMatchObject([
      { client: addressOf(client), via: 'Interaction Server', appName: 'DMS', outcome: 'response' },
      { client: addressOf(other), via: 'Interaction Server', appType: '171', outcome: 'response' },
    ]);
  });

  it('has its log lines', async () => {
    const platform = await setting.platform();
    const client = await setting.client(platform.esp);
    await client.ask(request(8, 'Nothing', 'Here'));
    const routed = await setting.client(platform.interactionServer);
    await routed.ask(request(8, 'Greeting', 'Greet', {}, { AppName: 'DMS' }));
    expect(platform.journal.find().reverse()).toMatchObject([
      { faultCode: '902', logs: [{ level: 'warn', message: 'Nothing unknown service' }] },
      { faultCode: '904', logs: [{ level: 'info', message: 'Greeting.Greet incorrect Name: missing' }] },
    ]);
  });

  it('has its upstream calls, without secrets, and shortened if they are long', async () => {
    const platform = await setting.platform();
    const client = await setting.client(platform.esp);
    const Url = `${await upstream(`{"token":"hunter2","pad":"${'x'.repeat(70_000)}"}`)}/v1/contacts?api_key=hunter2`;
    const Body = '{"password":"hunter2","blocking":"wait"}';
    expect(outcome(await client.ask(request(9, 'Upstream', 'Post', { Url, Body: Body.replace('hunter2', '') })))).toBe(
      '{"Status":"200"}',
    );
    const found = platform.journal.get(1);
    expect(found?.upstream).toMatchObject([
      {
        method: 'POST',
        url: Url.replace('hunter2', '***'),
        status: 200,
        requestBody: '{"password":"***","blocking":"wait"}',
        responseBody: expect.stringMatching(/^\{"token":"\*\*\*","pad":"x{65000,65536}$/),
        responseCut: true,
      },
    ]);
    expect(found?.upstream[0]?.durationMs).toBeGreaterThanOrEqual(0);
    expect(found?.logs).toMatchObject([{ message: 'posting', fields: { token: '***', method: 'Upstream.Post' } }]);
    expect(JSON.stringify(found?.upstream)).not.toMatch(/never-shown|authorization/i);
  });

  it('has only the headers that describe a response', async () => {
    const platform = await setting.platform();
    const client = await setting.client(platform.esp);
    const Url = await upstream('{"a":1}', {
      'content-type': 'application/json',
      location: 'https://a:hunter2@elsewhere.example/?token=hunter2',
      'set-cookie': 'session=hunter2',
      authorization: 'hunter2',
      'x-own': 'hunter2',
    });
    await client.ask(request(9, 'Upstream', 'Post', { Url }));
    expect(platform.journal.get(1)?.upstream[0]).toMatchObject({ responseBody: '{"a":1}' });
    expect(platform.journal.get(1)?.upstream[0]?.responseHeaders).toEqual({
      'content-type': 'application/json',
      location: 'https://***@elsewhere.example/?token=***',
    });
    expect(platform.journal.get(1)?.upstream[0]).not.toHaveProperty('responseCut');
  });

  it('has each failed call once', async () => {
    const platform = await setting.platform();
    const client = await setting.client(platform.esp);
    const gone = await setting.server();
    const Url = `http://127.0.0.1:${gone.port}/`;
    await gone.stop();
    expect(outcome(await client.ask(request(9, 'Upstream', 'Post', { Url })))).toMatch(/^901 /);
    expect(platform.journal.get(1)?.upstream).toMatchObject([
      { url: Url, error: expect.stringMatching(/ECONNREFUSED/), failure: 'ECONNREFUSED', requestBody: '{}' },
    ]);
    expect(platform.journal.get(1)?.upstream[0]).not.toHaveProperty('status');
  });

  it('has the calls of its method to an upstream mock, and its fault', async () => {
    const config = `application: { name: Own, type: 23 }
listeners: { esp: { port: 0 }, metrics: { port: 0 } }
plugins: [{ use: ${join(ROOT, 'test/fixtures/plugins/billing')}, options: { url: "\${BILLING_URL}" } }]
`;
    const platform = await setting.platform(
      config,
      PLATFORM.replace('{ name: DMS, type: 171,', '{ name: Own, type: 23,'),
    );
    const client = await setting.client(platform.interactionServer);
    const balance = (id: number) => request(id, 'Billing', 'GetBalance', { Account: '17' }, { AppName: 'Own' });
    expect(outcome(await client.ask(balance(1)))).toBe('{"Balance":"10.00"}');
    expect(platform.journal.get(1)?.upstream).toMatchObject([
      {
        url: `${platform.upstream('billing').url}/v1/balance`,
        status: 200,
        requestBody: '{"account":"17"}',
        responseBody: '{"balance":"10.00"}',
      },
    ]);
    platform.faults.add({ kind: 'upstreamStatus', status: 503, path: '/v1/balance', times: 1 });
    expect(outcome(await client.ask(balance(2)))).toBe('404 no balance: 503');
    expect(platform.journal.find({ limit: 1 })).toMatchObject([
      { faultCode: '404', upstream: [{ status: 503 }], logs: [{ level: 'warn' }] },
    ]);
  });

  it('without a ReferenceId gets no answer', async () => {
    const platform = await setting.platform();
    const client = await setting.client(platform.esp);
    client.send(greet(undefined));
    await client.ask(greet(1));
    expect(platform.journal.find().reverse()).toMatchObject([
      { outcome: 'none', why: 'the request has no ReferenceId' },
      { outcome: 'response' },
    ]);
  });
});

describe('an exchange with Interaction Server alone', () => {
  it('is in the journal: faults 902 and 901', async () => {
    const gone = await setting.server();
    const { port } = gone;
    await gone.stop();
    const applications = `[{ name: DMS, type: 171, address: host }, { name: Down, type: 64, address: 127.0.0.1:${port} }]`;
    const platform = await setting.platform(
      CONFIG,
      PLATFORM.replace(/applications: .*/, `applications: ${applications}`),
    );
    const client = await setting.client(platform.interactionServer);
    await client.ask(greet(1, { AppName: 'Other' }));
    await client.ask(greet(2, { AppName: 'Down' }));
    client.send(greet(undefined, { AppName: 'Other' }));
    await client.ask(greet(3, { AppName: 'DMS' }));
    expect(platform.journal.find().reverse()).toMatchObject([
      {
        client: addressOf(client),
        application: 'Interaction Server',
        faultCode: '902',
        faultText: 'Other unknown application',
        logs: [{ message: 'Other unknown application', fields: { code: '902' } }],
      },
      { application: 'Interaction Server', faultCode: '901', appName: 'Down' },
      { application: 'Interaction Server', outcome: 'none' },
      { application: 'DMS', outcome: 'response' },
    ]);
  });

  it('is in the journal: with an application outside the relay', async () => {
    const server = await setting.server();
    const applications = `[{ name: Mail, type: 64, address: 127.0.0.1:${server.port} }]`;
    const platform = await setting.platform(
      CONFIG,
      PLATFORM.replace(/applications: .*/, `applications: ${applications}`),
    );
    const client = await setting.client(platform.interactionServer);
    const address = addressOf(client);
    server.answer = ({ referenceId }) => response(referenceId, 'Mail');
    await client.ask(greet(5, { AppName: 'Mail' }));
    server.answer = undefined;
    client.send(greet(6, { AppName: 'Mail' }));
    await server.message(1);
    server.drop();
    await client.messages(2);
    await setting.log.line(/connected to Mail/, 1);
    client.send(greet(7, { AppName: 'Mail' }));
    await server.message(2);
    client.socket.destroy();
    await entry(platform, (one) => one.outcome === 'lost');
    expect(platform.journal.find().reverse()).toMatchObject([
      { application: 'Mail', client: address, outcome: 'response', request: { json: { referenceId: 5 } } },
      { application: 'Interaction Server', outcome: 'fault', faultCode: '920' },
      { application: 'Mail', outcome: 'lost', why: 'the client closed the connection' },
    ]);
  });
});

describe('the platform', () => {
  it('answers requests in flight when it stops, through the relay, and leaves nothing open', async () => {
    const platform = await setting.platform();
    const client = await setting.client(platform.esp);
    const { port } = platform.esp;
    let release: (() => void) | undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const server = createServer((incoming, outgoing) => {
      incoming.resume().on('end', () => void held.then(() => outgoing.end()));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    setting.onEnd(() => server.close());
    const asked = once(server, 'request');
    const Url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    client.send(request(1, 'Upstream', 'Post', { Url }));
    await asked;
    const stopped = Promise.all([platform.stop(), platform.stop()]);
    await setting.log.line(/stopping/);
    release?.();
    expect((await client.messages(1)).map(outcome)).toEqual(['{"Status":"200"}']);
    await client.closed;
    await stopped;
    expect(platform.journal.get(1)?.outcome).toBe('response');
    await expect(RawClient.open(port)).rejects.toThrow('ECONNREFUSED');
  });

  it('reports a port in use, with the key to change', async () => {
    const server = await setting.server();
    await expect(setting.platform(CONFIG.replace('port: 0', `port: ${server.port}`))).rejects.toThrow(
      new RegExp(
        `config.yaml:2:27: listeners.esp.port is in use: another program listens on 127.0.0.1:${server.port}; stop it`,
      ),
    );
    await expect(setting.platform(CONFIG.replace('port: 0', 'port: 0, host: 192.0.2.1'))).rejects.toThrow(
      'cannot listen on 192.0.2.1:0: this machine has no such address; see listeners.esp.host',
    );
  });

  it('uses TLS if config.yaml says so', async () => {
    const { server: own } = await certificates();
    const certificate = file('host.pem', own.certificate);
    const key = file('host.key', own.key);
    const config = CONFIG.replace('port: 0', `port: 0, tls: { certificate: ${certificate}, key: ${key} }`);
    const platform = await setting.platform(
      config,
      PLATFORM.replace('address: host', `address: host, tls: { ca: ${certificate} }`),
    );
    const client = await RawClient.openTls(platform.esp.port, { ca: own.certificate });
    expect(outcome(await client.ask(greet(1)))).toBe('{"Greeting":"Hello, Ann!"}');
    const routed = await setting.client(platform.interactionServer);
    expect(outcome(await routed.ask(greet(2, { AppName: 'DMS' })))).toBe('{"Greeting":"Hello, Ann!"}');
    expect(platform.journal.find({ outcome: 'response' })).toHaveLength(2);
    await client.close();
  });

  it('reports the address of the host', async () => {
    const platform = await setting.platform();
    expect(platform.welcome()).toContain(
      `  Host                127.0.0.1:${platform.esp.port}, as DMS (type 171): Greeting.Greet, Upstream.Post`,
    );
    expect(platform.welcome()).toContain(`npx esp-host send Greeting Greet --to 127.0.0.1:${platform.esp.port}`);
  });
});
