import { once } from 'node:events';
import { createServer, type Server as NetServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startInteractionServer, startWhatsAppApi } from 'esp-host/mock';
import { loadConfig, prepare, Server } from 'esp-host/server';
import { examineCertificates } from '../../src/doctor/certificates.js';
import { examine } from '../../src/doctor/index.js';
import type { Finding } from '../../src/host/index.js';
import { INVITATIONS, onPremises } from '../plugins/messaging/setting.js';
import { until } from '../support/eventually.js';
import { file, folder, ROOT, removeFolders } from '../support/files.js';
import { LogLines } from '../support/log-lines.js';
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
  readonly more?: string;
}

function config({ esp = '{ port: 0 }', channel, more = '' }: Parts): Promise<Awaited<ReturnType<typeof prepare>>> {
  const lines = [
    'application: { name: DMS }',
    ...(channel === undefined ? [] : [`channels: { whatsapp: ${channel} }`]),
    `plugins: [{ use: ${ROOT}plugins/messaging }]`,
    `listeners: { esp: ${esp}, metrics: { enabled: false }${more} }`,
  ];
  return prepare(loadConfig(file('config.yaml', lines.join('\n'), home)), { typescript: true });
}

async function findings(parts: Parts, interactionServer?: { host: string; port: number }): Promise<Finding[]> {
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
