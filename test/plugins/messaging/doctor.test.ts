import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { loadConfig, prepare } from '#server';
import { examine } from '../../../src/doctor/index.js';
import type { Finding } from '../../../src/host/index.js';
import { file, folder, ROOT, removeFolders } from '../../support/files.js';
import { RedisServer, type RedisServerOptions } from '../../support/redis-server.js';
import { redisDescribe } from '../../support/redis-tests.js';
import { certificates } from '../../support/tls.js';
import { formerly, INVITATIONS, NUMBER_PLAN, onPremises } from './setting.js';
import { startWhatsAppApi } from './whatsapp-api.js';

const home = folder();
const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
afterAll(removeFolders);

interface Parts {
  readonly channel?: string;
  /** Of the plugin. */
  readonly options?: string;
}

function config({ channel, options = '{}' }: Parts): Promise<Awaited<ReturnType<typeof prepare>>> {
  const lines = [
    'application: { name: DMS }',
    ...(channel === undefined ? [] : [`channels: { whatsapp: ${channel} }`]),
    `plugins: [{ use: ${ROOT}plugins/messaging, options: ${options} }]`,
    'listeners: { esp: { port: 0 }, metrics: { enabled: false } }',
  ];
  return prepare(loadConfig(file('config.yaml', lines.join('\n'))), { typescript: true });
}

async function findings(parts: Parts): Promise<Finding[]> {
  const found: Finding[] = [];
  for await (const one of examine({ prepared: await config(parts), interactionServer: undefined })) found.push(one);
  return found;
}

/** The finding about one thing. */
async function about(name: string, ...given: Parameters<typeof findings>): Promise<Finding | undefined> {
  return (await findings(...given)).find((one) => one.about.startsWith(name));
}

describe('esp-host doctor: a channel', () => {
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

  it('is good if the API accepts the login, and reports its version', async () => {
    const url = await api('2.41.3');
    expect(await about('channel', { channel: onPremises(url) })).toEqual({
      about: 'channel whatsapp',
      state: 'good',
      text: `${url} accepts the credentials and answers, version 2.41.3`,
    });
  });

  it('is a warning if the API calls every number valid', async () => {
    const url = await api('2.45.1');
    expect(await about('channel', { channel: onPremises(url) })).toMatchObject({
      state: 'warning',
      text: `${url} accepts the credentials and answers, version 2.45.1: it calls every number valid`,
    });
  });

  it('is trouble if the login is refused, without showing the password', async () => {
    const url = await api('2.41.3');
    const channel = onPremises(url).replace('"hush"', '"hunter2"');
    const finding = await about('channel', { channel });
    expect(finding).toMatchObject({ state: 'trouble' });
    expect(finding?.text).toMatch(/^whatsapp connection with .* failed: login refused: status 401/);
    expect(JSON.stringify(finding)).not.toContain('hunter2');
  });

  it('is trouble if nothing listens', async () => {
    const finding = await about('channel', { channel: onPremises('http://127.0.0.1:1') });
    expect(finding).toMatchObject({ state: 'trouble', text: expect.stringMatching(/ECONNREFUSED/) });
  });

  it('is a warning without an API', async () => {
    expect(await about('channel', { channel: NUMBER_PLAN })).toMatchObject({ state: 'warning' });
    expect((await findings({ channel: NUMBER_PLAN })).filter((one) => one.about.startsWith('channel'))).toHaveLength(1);
  });

  it('is good with evidence, but a warning if a restart forgets it', async () => {
    const channel = NUMBER_PLAN.replace('number-plan', 'evidence, whenUnknown: empty');
    expect(await about('channel', { channel })).toEqual({
      about: 'channel whatsapp',
      state: 'good',
      text: "contacts.from evidence decides by the site's own traffic; without evidence: empty",
    });
    expect(await findings({ channel })).toContainEqual(
      expect.objectContaining({ state: 'warning', text: expect.stringContaining('keeps evidence in memory alone') }),
    );
  });

  it('is a warning if no API can send its templates', async () => {
    const channel = NUMBER_PLAN.replace(/ }$/, `, invitations: ${INVITATIONS} }`);
    const all = (await findings({ channel })).filter((one) => one.about.startsWith('channel'));
    expect(all.at(-1)).toMatchObject({
      state: 'warning',
      text: 'invitations.templates are unused: api.driver none sends no messages',
      advice: expect.stringMatching(/on-premises or gateway/),
    });
  });

  it('is a warning in the former form, and with the On-Premises API, which is dead', async () => {
    const channel = formerly('http://127.0.0.1:1');
    const all = (await findings({ channel })).filter((one) => /config\.yaml:2:\d+$/.test(one.about));
    expect(all).toEqual([
      {
        about: expect.any(String),
        state: 'warning',
        text: expect.stringMatching(/driver is read for one more minor version/),
      },
      {
        about: expect.any(String),
        state: 'warning',
        text: expect.stringMatching(/on-premises has been dead since 23 October 2025/),
      },
    ]);
  });
});

redisDescribe('a Redis that hosts share', () => {
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

  it('is good if it supports every command, and reports its version', async () => {
    const { url, port } = await redis();
    expect(await examined(url)).toEqual({
      about: `redis 127.0.0.1:${port}`,
      state: 'good',
      text: expect.stringMatching(/^supports every command, (redis|valkey) \d+\.\d+\.\d+$/),
    });
  });

  it('is checked only if configured', async () => {
    expect(await about('redis', {})).toBeUndefined();
  });

  it('is trouble if nothing listens', async () => {
    expect(await examined('redis://127.0.0.1:1')).toMatchObject({
      state: 'trouble',
      text: 'connect ECONNREFUSED 127.0.0.1:1',
      advice: 'start the server, or correct sharedState.redis.url',
    });
  });

  it.each([
    ['another password', ', password: hunter2', /^WRONGPASS/],
    ['no password', '', /^NOAUTH/],
  ])('is trouble with %s, without showing the password', async (_name, more, text) => {
    const { url } = await redis();
    const finding = await examined(url, more);
    expect(finding).toMatchObject({
      state: 'trouble',
      text: expect.stringMatching(text),
      advice: "set sharedState.redis to the server's username and password",
    });
    expect(JSON.stringify(finding)).not.toContain('hunter2');
  });

  it('is trouble if its user lacks a permission', async () => {
    const server = await redis();
    const client = await server.client();
    await client.aclSetUser('weak', ['on', '>hush', '~*', '+@read', '+hello', '+auth']);
    expect(await examined(server.url, ', username: weak, password: hush')).toMatchObject({
      state: 'trouble',
      text: expect.stringMatching(/^NOPERM/),
      advice: expect.stringMatching(/^allow its user to run GET, SET, INCRBY, EVAL/),
    });
  });

  it('is good if its user has only the required permissions', async () => {
    const server = await redis();
    const client = await server.client();
    const commands = ['+hello', '+auth', '+ping', '+get', '+set', '+incrby', '+eval', '+time', '+multi', '+exec'];
    await client.aclSetUser('least', ['on', '>hush', '~esp-host:*', ...commands]);
    expect(await examined(server.url, ', username: least, password: hush')).toMatchObject({
      state: 'good',
      text: 'supports every command, version unknown',
    });
  });

  it("is trouble if a channel has usersPerDay and the server's user lacks its commands", async () => {
    const server = await redis();
    const client = await server.client();
    const commands = ['+hello', '+auth', '+ping', '+get', '+set', '+incrby', '+eval', '+time', '+multi', '+exec'];
    const sets = ['+zadd', '+zcard', '+zrange', '+zrem', '+zremrangebyscore', '+zscore', '+pexpire'];
    await client.aclSetUser('former', ['on', '>hush', '~esp-host:*', ...commands]);
    await client.aclSetUser('present', ['on', '>hush', '~esp-host:*', ...commands, ...sets]);
    const api = 'driver: cloud, url: "http://127.0.0.1:1", phoneNumberId: "1", businessAccountId: "2", token: t';
    const channel = `{ type: whatsapp, phoneNumber: "+919876543210", api: { ${api}, limits: { usersPerDay: 5 } }, contacts: { from: number-plan } }`;
    const as = (user: string) =>
      about('redis', { channel, options: shared(server.url, `, username: ${user}, password: hush`) });
    expect(await as('former')).toMatchObject({
      state: 'trouble',
      advice: expect.stringMatching(/usersPerDay also ZADD/),
    });
    expect(await as('present')).toMatchObject({ state: 'good' });
  });

  it('is trouble if it is full', async () => {
    const server = await redis();
    await (await server.client()).configSet('maxmemory', '1');
    expect(await examined(server.url)).toMatchObject({
      state: 'trouble',
      text: expect.stringMatching(/^OOM/),
      advice: expect.stringMatching(/maxmemory/),
    });
  });

  it('is trouble if it is a replica', async () => {
    const server = await redis();
    await (await server.client()).sendCommand(['REPLICAOF', '127.0.0.1', '1']);
    expect(await examined(server.url)).toMatchObject({
      state: 'trouble',
      text: expect.stringMatching(/^READONLY/),
      advice: 'set sharedState.redis.url to the primary: this is a replica',
    });
  });

  it('over TLS is good with its authority, and trouble without it or without TLS', async () => {
    const { server: pem } = await certificates();
    const { url, port } = await redis({ tls: pem });
    const ca = `, password: ${PASSWORD}, ca: ${file('redis-ca.pem', pem.certificate, home)}`;
    expect(await examined(url, ca)).toMatchObject({ state: 'good' });
    expect(await examined(url)).toMatchObject({
      state: 'trouble',
      text: expect.stringMatching(/self-signed certificate/),
      advice: "set sharedState.redis.ca to the authority (PEM) of the server's certificate",
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
    [
      120,
      'trouble',
      "0 of today's 100 lookups are left",
      /^numbers that are not cached are answered with fault 920 until/,
    ],
  ])('reports what is left of a budget: %i are spent', async (spent, state, text, advice) => {
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
