import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import type { Server } from '#server';
import { until } from '../../support/eventually.js';
import { file, folder, ROOT, removeFolders } from '../../support/files.js';
import { run } from '../../support/processes.js';
import { outcome, type RawClient, request } from '../../support/raw-client.js';
import { RedisServer } from '../../support/redis-server.js';
import { redisDescribe } from '../../support/redis-tests.js';
import { post, signatureOf } from '../../support/webhooks.js';
import { answers, found, INDIA, Setting, WELCOME } from './setting.js';

afterAll(removeFolders);

const CUSTOMER = '+16315551002';
const TOKEN = 'EAAG-hunter2-token';
const SECRET = 'the-secret-of-the-app';
const IDS = { phoneNumberId: '1064', businessAccountId: '1029' };

let setting = new Setting();
afterEach(async () => {
  await setting.end();
  setting = new Setting();
});

const { namespace, body: _body, language, ...welcome } = WELCOME;

const config = (url: string, redisUrl: string): string =>
  JSON.stringify({
    application: { name: 'DMS' },
    channels: {
      whatsapp: {
        type: 'whatsapp',
        phoneNumber: INDIA,
        api: { driver: 'cloud', url, token: TOKEN, ...IDS, appSecret: SECRET },
        contacts: { from: 'evidence', whenUnknown: 'empty', cache: { keepMs: 0 } },
        invitations: {
          default: 'welcome',
          templates: { welcome: { ...welcome, language: { code: language }, parameters: ['support team'] } },
        },
      },
    },
    plugins: [{ use: `${ROOT}plugins/messaging` }],
    listeners: { esp: { port: 0 }, metrics: { port: 0 }, webhooks: { port: 0 } },
    state: { redis: { url: redisUrl, timeoutMs: 10_000 } },
  });

/** WhatsApp reports a status of a message to a host. */
async function reports(host: Server, id: string, status: string): Promise<void> {
  const statuses = [{ id, status, timestamp: `${Math.floor(Date.now() / 1000)}`, recipient_id: CUSTOMER.slice(1) }];
  const value = { metadata: { phone_number_id: IDS.phoneNumberId }, statuses };
  const entry = [{ id: IDS.businessAccountId, time: 1, changes: [{ field: 'messages', value }] }];
  const body = JSON.stringify({ object: 'whatsapp_business_account', entry });
  const headers = { 'x-hub-signature-256': signatureOf(body, SECRET) };
  const posting = { path: '/webhooks/whatsapp', headers };
  await until(async () => (await post(host.webhooksAddress?.port ?? 0, body, posting)).status === 200);
}

redisDescribe('two hosts whose state is in Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await RedisServer.start();
  });
  afterAll(() => redis.stop());

  it('know the same about invitations and customers, whichever sends and whichever gets the webhooks', async () => {
    const api = await setting.api({ cloud: { ...IDS, token: TOKEN, messagesPerSecond: 1000 } });
    const text = config(api.url, redis.url);
    const hosts = [await setting.serve(text), await setting.serve(text)] as const;
    const clients = [await setting.client(hosts[0]), await setting.client(hosts[1])] as const;
    const invitation = { _umsClientId: CUSTOMER, _umsBusinessId: INDIA };
    const invited = outcome(await clients[0].ask(request(1, 'ChatService', 'InviteToChat', invitation)));
    const { MessageId } = JSON.parse(invited);
    const status = async (client: RawClient): Promise<string> =>
      JSON.parse(outcome(await client.ask(request(2, 'ChatService', 'GetInvitation', { MessageId })))).Status;
    for (const client of clients) await until(async () => (await status(client)) === 'accepted');
    await reports(hosts[1], MessageId, 'delivered');
    for (const client of clients) await until(async () => (await status(client)) === 'delivered');
    await reports(hosts[0], MessageId, 'read');
    for (const client of clients) {
      await until(async () => (await status(client)) === 'read');
      await until(async () => (await answers(client, CUSTOMER))[0] === found(CUSTOMER));
    }
    const path = file('config.yaml', text, folder());
    expect((await run('messages', 'list', '--config', path)).stdout).toContain('read');
    expect((await run('contacts', 'show', CUSTOMER, '--config', path)).stdout).toMatch(/state +read/);
    expect((await run('contacts', 'forget', CUSTOMER, '--config', path)).stdout).toMatch(
      /is erased \(state: 2 records\)/,
    );
    expect(outcome(await clients[0].ask(request(3, 'ChatService', 'GetInvitation', { MessageId })))).toMatch(
      /no record/,
    );
  }, 60_000);
});
