import { once } from 'node:events';
import { connect, createServer, type Server as NetServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startInteractionServer, startWhatsAppApi } from 'esp-host/mock';
import { loadConfig, prepare, Server } from 'esp-host/server';
import { examineCertificates } from '../../src/doctor/certificates.js';
import { examine, type InteractionServerAddress } from '../../src/doctor/index.js';
import type { Finding } from '../../src/host/index.js';
import { INVITATIONS, onPremises } from '../plugins/messaging/setting.js';
import { until } from '../support/eventually.js';
import { file, folder, ROOT, removeFolders } from '../support/files.js';
import { LogLines } from '../support/log-lines.js';
import { hasRedis, RedisServer, type RedisServerOptions } from '../support/redis-server.js';
import { certificates } from '../support/tls.js';

const home = folder();
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  const { server, client } = await certificates();
  file('host.pem', server.certificate, home);
  file('host.key', server.key, home);
  file('clients.pem', client.certificate + server.certificate, home);
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
afterAll(removeFolders);

interface Parts {
  readonly esp?: string;
  readonly channel?: string;
  /** Of the plugin. */
  readonly options?: string;
  readonly more?: string;
}

function config({
  esp = '{ port: 0 }',
  channel,
  options = '{}',
  more = '',
}: Parts): Promise<Awaited<ReturnType<typeof prepare>>> {
  const lines = [
    'application: { name: DMS }',
    ...(channel === undefined ? [] : [`channels: { whatsapp: ${channel} }`]),
    `plugins: [{ use: ${ROOT}plugins/messaging, options: ${options} }]`,
    `listeners: { esp: ${esp}, metrics: { enabled: false }${more} }`,
  ];
  return prepare(loadConfig(file('config.yaml', lines.join('\n'), home)), { typescript: true });
}

async function findings(parts: Parts, interactionServer?: InteractionServerAddress): Promise<Finding[]> {
  const found: Finding[] = [];
  for await (const one of examine({ prepared: await config(parts), interactionServer })) found.push(one);
  return found;
}

/** The finding about one thing. */
async function about(name: string, ...given: Parameters<typeof findings>): Promise<Finding | undefined> {
  return (await findings(...given)).find((one) => one.about.startsWith(name));
}

async function taken(): Promise<number> {
  const server: NetServer = createServer().listen(0, '127.0.0.1');
  ends.push(() => server.close());
  await once(server, 'listening');
  return (server.address() as { port: number }).port;
}

describe('a port', () => {
  it('that is free is good', async () => {
    expect(await about('listeners.esp.port', {})).toEqual({
      about: 'listeners.esp.port',
      state: 'good',
      text: '127.0.0.1:0 is free',
    });
  });

  it('that another program has is trouble, with who it is', async () => {
    const port = await taken();
    const finding = await about('listeners.esp.port', { esp: `{ port: ${port} }` });
    expect(finding).toMatchObject({
      state: 'trouble',
      advice: 'stop it, or choose another port in listeners.esp.port',
    });
    expect(finding?.text).toMatch(new RegExp(`^127.0.0.1:${port} is taken by .+ \\(process ${process.pid}\\)$`));
  });

  it('of an address that is not here is trouble', async () => {
    expect(await about('listeners.esp.port', { esp: '{ host: 192.0.2.1, port: 0 }' })).toMatchObject({
      state: 'trouble',
      text: 'cannot listen on 192.0.2.1:0: this machine has no such address; see listeners.esp.host',
    });
  });

  it('of the HTTP listener is looked at too', async () => {
    const more = `, http: { port: ${await taken()}, token: 0123456789abcdef }`;
    expect(await about('listeners.http.port', { more })).toMatchObject({ state: 'trouble' });
  });
});

describe('a certificate', () => {
  const DAY_MS = 86_400_000;
  const tls = '{ port: 0, tls: { certificate: host.pem, key: host.key, clientCa: clients.pem } }';

  it('is looked at with every authority, and tells until when it is valid', async () => {
    const all = (await findings({ esp: tls })).filter((one) => one.about.includes('.tls.'));
    expect(all.map((one) => [one.about, one.state])).toEqual([
      ['listeners.esp.tls.certificate', 'good'],
      ['listeners.esp.tls.clientCa', 'good'],
      ['listeners.esp.tls.clientCa', 'good'],
    ]);
    expect(all.map((one) => one.text)).toEqual([
      expect.stringMatching(/^CN=localhost is valid until .* GMT \(\d+ days\)$/),
      expect.stringMatching(/^CN=interaction-server is valid until/),
      expect.stringMatching(/^CN=localhost is valid until/),
    ]);
  });

  it.each([
    [-2, 'trouble', /is not valid before/],
    [345, 'warning', /is valid until .* \((19|20) days\)/],
    [400, 'trouble', /expired on/],
  ])('%i days from its beginning is %s', async (days, state, text) => {
    const prepared = await config({ esp: tls });
    const [first] = examineCertificates(prepared, Date.now() + days * DAY_MS);
    expect(first).toMatchObject({ state, text: expect.stringMatching(text), advice: expect.any(String) });
  });
});

describe('a channel', () => {
  const api = async (version: string): Promise<string> => {
    const started = await startWhatsAppApi({
      registeredNumber: '+919876543210',
      numbers: [],
      password: 'hush',
      version,
    } as never);
    ends.push(() => started.close());
    return started.url;
  };

  it('is good where the login is taken, with the version that answers', async () => {
    const url = await api('2.41.3');
    expect(await about('channel', { channel: onPremises(url) })).toEqual({
      about: 'channel whatsapp',
      state: 'good',
      text: `${url} takes the credentials and answers, version 2.41.3`,
    });
  });

  it('is a warning where every number is called valid', async () => {
    const url = await api('2.45.1');
    expect(await about('channel', { channel: onPremises(url) })).toMatchObject({
      state: 'warning',
      text: `${url} takes the credentials and answers, version 2.45.1: it calls every number valid`,
    });
  });

  it('is trouble where the login is refused, and the password stays secret', async () => {
    const url = await api('2.41.3');
    const channel = onPremises(url).replace('password: hush', 'password: hunter2');
    const finding = await about('channel', { channel });
    expect(finding).toMatchObject({ state: 'trouble' });
    expect(finding?.text).toMatch(/^whatsapp connection with .* failed: login refused: status 401/);
    expect(JSON.stringify(finding)).not.toContain('hunter2');
  });

  it('is trouble where nobody answers', async () => {
    const finding = await about('channel', { channel: onPremises('http://127.0.0.1:1') });
    expect(finding).toMatchObject({ state: 'trouble', text: expect.stringMatching(/ECONNREFUSED/) });
  });

  it('is a warning where no API is asked', async () => {
    const channel = '{ type: whatsapp, phoneNumber: "+919876543210", contacts: { driver: number-plan } }';
    expect(await about('channel', { channel })).toMatchObject({ state: 'warning' });
    expect((await findings({ channel })).filter((one) => one.about.startsWith('channel'))).toHaveLength(1);
  });

  it('is a warning where there are templates that no API sends', async () => {
    const contacts = 'contacts: { driver: number-plan }';
    const channel = `{ type: whatsapp, phoneNumber: "+919876543210", ${contacts}, invitations: ${INVITATIONS} }`;
    const all = (await findings({ channel })).filter((one) => one.about.startsWith('channel'));
    expect(all.at(-1)).toMatchObject({
      state: 'warning',
      text: 'invitations.templates are of no use: contacts.driver number-plan sends no messages',
      advice: expect.stringMatching(/on-premises or gateway/),
    });
  });
});

(hasRedis() ? describe : describe.skip)('a Redis that hosts share', () => {
  const PASSWORD = 'r3d1s-hush';

  async function redis(options: RedisServerOptions = {}): Promise<RedisServer> {
    const started = await RedisServer.start({ password: PASSWORD, ...options });
    ends.push(() => started.stop());
    return started;
  }

  const shared = (url: string, more = `, password: ${PASSWORD}`): string =>
    `{ sharedState: { redis: { url: "${url}"${more} } } }`;

  /** The finding about it. */
  const examined = (url: string, more?: string) => about('redis', { options: shared(url, more) });

  it('is good where it does all that is asked of it, with its version', async () => {
    const { url, port } = await redis();
    expect(await examined(url)).toEqual({
      about: `redis 127.0.0.1:${port}`,
      state: 'good',
      text: expect.stringMatching(/^does all that is asked of it, (redis|valkey) \d+\.\d+\.\d+$/),
    });
  });

  it('is looked for only where it is configured', async () => {
    expect(await about('redis', {})).toBeUndefined();
  });

  it('is trouble where nobody listens', async () => {
    expect(await examined('redis://127.0.0.1:1')).toMatchObject({
      state: 'trouble',
      text: 'connect ECONNREFUSED 127.0.0.1:1',
      advice: 'start the server, or correct sharedState.redis.url',
    });
  });

  it.each([
    ['another password', ', password: hunter2', /^WRONGPASS/],
    ['no password', '', /^NOAUTH/],
  ])('is trouble where it is given %s, which stays secret', async (_name, more, text) => {
    const { url } = await redis();
    const finding = await examined(url, more);
    expect(finding).toMatchObject({
      state: 'trouble',
      text: expect.stringMatching(text),
      advice: 'give sharedState.redis the username and password that the server knows',
    });
    expect(JSON.stringify(finding)).not.toContain('hunter2');
  });

  it('is trouble where its user may not do what is asked of it', async () => {
    const server = await redis();
    const client = await server.client();
    await client.aclSetUser('weak', ['on', '>hush', '~*', '+@read', '+hello', '+auth']);
    expect(await examined(server.url, ', username: weak, password: hush')).toMatchObject({
      state: 'trouble',
      text: expect.stringMatching(/^NOPERM/),
      advice: expect.stringMatching(/^let its user run GET, SET, INCRBY, EVAL/),
    });
  });

  it('is good where its user may do that and no more', async () => {
    const server = await redis();
    const client = await server.client();
    const commands = ['+hello', '+auth', '+ping', '+get', '+set', '+incrby', '+eval', '+time', '+multi', '+exec'];
    await client.aclSetUser('least', ['on', '>hush', '~esp-host:*', ...commands]);
    expect(await examined(server.url, ', username: least, password: hush')).toMatchObject({
      state: 'good',
      text: 'does all that is asked of it, version unknown',
    });
  });

  it('is trouble where it is full', async () => {
    const server = await redis();
    await (await server.client()).configSet('maxmemory', '1');
    expect(await examined(server.url)).toMatchObject({
      state: 'trouble',
      text: expect.stringMatching(/^OOM/),
      advice: expect.stringMatching(/maxmemory/),
    });
  });

  it('is trouble where it is a replica', async () => {
    const server = await redis();
    await (await server.client()).sendCommand(['REPLICAOF', '127.0.0.1', '1']);
    expect(await examined(server.url)).toMatchObject({
      state: 'trouble',
      text: expect.stringMatching(/^READONLY/),
      advice: 'name the primary in sharedState.redis.url: this is a replica',
    });
  });

  it('over TLS is good with its authority, and trouble without, or without TLS', async () => {
    const { server: pem } = await certificates();
    const { url, port } = await redis({ tls: pem });
    const ca = `, password: ${PASSWORD}, ca: ${file('redis-ca.pem', pem.certificate, home)}`;
    expect(await examined(url, ca)).toMatchObject({ state: 'good' });
    expect(await examined(url)).toMatchObject({
      state: 'trouble',
      text: expect.stringMatching(/self-signed certificate/),
      advice: "give sharedState.redis.ca the authority (PEM) of the server's certificate",
    });
    expect(await examined(`redis://127.0.0.1:${port}`)).toMatchObject({
      state: 'trouble',
      advice: expect.stringMatching(/with TLS, its URL begins with rediss:$/),
    });
  });

  it.each([
    [79, 'good', "21 of today's 100 lookups are left", undefined],
    [
      80,
      'warning',
      "20 of today's 100 lookups are left",
      /^then requests are answered with fault 920 until 00:00 UTC; /,
    ],
    [120, 'trouble', "0 of today's 100 lookups are left", /^what is not in the cache is answered with fault 920 until/],
  ])('knows what is left of a budget: %i are spent', async (spent, state, text, advice) => {
    const server = await redis();
    const client = await server.client();
    // The test may run at midnight.
    for (const day of [0, 86_400_000]) {
      const name = new Date(Date.now() + day).toISOString().slice(0, 10);
      await client.set(`esp-host:budget:+919876543210:${name}`, String(spent));
    }
    const channel = onPremises('http://127.0.0.1:1', ', limits: { lookupsPerDay: 100 }');
    expect(await about('budget', { channel, options: shared(server.url) })).toEqual({
      about: 'budget of channel whatsapp',
      state,
      text,
      ...(advice === undefined ? {} : { advice: expect.stringMatching(advice) }),
    });
  });
});

describe('Interaction Server', () => {
  async function running(type: number) {
    const server = await Server.start({ prepared: await config({}), logger: new LogLines().logger });
    ends.push(() => server.stop());
    const applications = [{ name: 'DMS', type, address: server.address }];
    const interactionServer = await startInteractionServer({ applications, logger: new LogLines().logger } as never);
    ends.push(() => interactionServer.close());
    await until(() => interactionServer.isConnected('DMS'));
    return { host: '127.0.0.1', port: interactionServer.port };
  }

  const states = (all: readonly Finding[]) =>
    all.filter((one) => one.about.startsWith('Interaction Server')).map((one) => [one.about.split(', ')[1], one.state]);

  it('is good where its requests come to the host by name and by type', async () => {
    expect(states(await findings({}, await running(171)))).toEqual([
      ['AppName DMS', 'good'],
      ['AppType 171', 'good'],
    ]);
  });

  it('is reached over TLS, with the certificates that it asks for', async () => {
    const { server, client } = await certificates();
    const { port } = await running(171);
    const front = createTlsServer({
      cert: server.certificate,
      key: server.key,
      ca: client.certificate,
      requestCert: true,
    });
    front.on('secureConnection', (socket) => socket.pipe(connect(port, '127.0.0.1')).pipe(socket));
    front.on('tlsClientError', () => undefined);
    front.listen(0, '127.0.0.1');
    await once(front, 'listening');
    ends.push(() => front.close());
    const at = { host: '127.0.0.1', port: (front.address() as { port: number }).port };
    const tls = { ca: server.certificate, ...client };
    expect(states(await findings({}, { ...at, tls })).map(([, state]) => state)).toEqual(['good', 'good']);
    const [without] = (await findings({}, at)).filter((one) => one.about.startsWith('Interaction Server'));
    expect(without).toMatchObject({ state: 'trouble', advice: expect.stringMatching(/add --tls or --tls-ca$/) });
    const distrusted = await findings({}, { ...at, tls: {} });
    expect(distrusted.at(-1)).toMatchObject({ state: 'trouble', text: expect.stringMatching(/not of a trusted/) });
  });

  it('is trouble where one of them does not', async () => {
    const all = await findings({}, await running(64));
    expect(states(all)).toEqual([
      ['AppName DMS', 'good'],
      ['AppType 171', 'trouble'],
    ]);
    expect(all.at(-1)?.text).toMatch(/^another answered than the host: 902 /);
  });

  it('is trouble where it is not there', async () => {
    const [finding] = (await findings({}, { host: '127.0.0.1', port: 1 })).filter((one) => /^Inter/.test(one.about));
    expect(finding).toMatchObject({ state: 'trouble', text: expect.stringMatching(/^cannot connect to 127.0.0.1:1/) });
  });
});
