import { afterEach, describe, expect, it } from '@jest/globals';
import { AdminClient } from '../../../mock-platform/admin/setting.js';
import { until } from '../../../support/eventually.js';
import { CloudPlatform, CUSTOMER } from './cloud-platform.js';

let cloud = new CloudPlatform();
afterEach(async () => {
  await cloud.end();
  cloud = new CloudPlatform();
});

interface Row {
  readonly status: string;
  readonly history: string;
  readonly why?: string;
}

/** The newest invitation on the page of the console. */
const newest = async (api: AdminClient): Promise<Row | undefined> =>
  (await api.get('/api/plugins/messaging')).json.invitations[0];

async function start(...faults: object[]): Promise<AdminClient> {
  await cloud.start();
  const api = await AdminClient.of(cloud.platform);
  for (const fault of faults) expect((await api.post('/api/faults', fault)).status).toBeLessThan(300);
  return api;
}

describe('the page of invitations', () => {
  it('follows a message to the phone, where it is read', async () => {
    const api = await start();
    const messageId = await cloud.invite();
    await cloud.until('delivered');
    expect(await newest(api)).toMatchObject({ to: CUSTOMER, messageId, status: 'delivered', template: 'welcome' });
    await api.post(`/api/whatsapp/phones/${encodeURIComponent(CUSTOMER)}/read`);
    await cloud.until('read');
    expect(await newest(api)).toMatchObject({ status: 'read' });
  });

  it('says why a message to a customer who blocks the business failed', async () => {
    const api = await start();
    cloud.whatsapp.phones.setBlocking(CUSTOMER, true);
    await cloud.invite();
    await cloud.until('failed');
    expect(await newest(api)).toMatchObject({ status: 'failed', why: expect.stringMatching(/^131\d\d\d /) });
  });

  it('learns from the webhook of a message whose answer was lost', async () => {
    const api = await start({
      kind: 'upstreamAnswerLost',
      upstream: 'whatsapp',
      times: 1,
    });
    expect(await cloud.invite()).toMatch(/whether it was done is unknown$/);
    await cloud.until('delivered');
    await until(async () => (await newest(api))?.history.includes('unknown') ?? false, 'the outcome was unknown');
    expect(await newest(api)).toMatchObject({ status: 'delivered', why: expect.stringContaining('is unknown') });
  });

  it('is right after webhooks that come twice and in another order', async () => {
    const api = await start({ kind: 'whatsapp.webhooks', reversed: true, twice: true });
    await cloud.invite();
    await cloud.until('sent');
    await cloud.until('delivered');
    await until(async () => (await newest(api))?.history.includes('sent') ?? false, 'sent has come');
    expect(await newest(api)).toMatchObject({ status: 'delivered' });
  });
});
