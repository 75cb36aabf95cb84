import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { removeFolders } from '../../../support/files.js';
import { CloudPlatform, CUSTOMER, NOBODY } from './cloud-platform.js';

let cloud = new CloudPlatform();
afterEach(async () => {
  await cloud.end();
  cloud = new CloudPlatform();
});
afterAll(removeFolders);

const contacts = { from: 'evidence', whenUnknown: 'empty' };
const OTHER = '+15162837151';

const start = (settings: object = {}, more: object = {}) =>
  cloud.start({ contacts, settings: { writtenBy: [CUSTOMER], ...settings }, ...more });

const validate = (customer: string): Promise<string> => cloud.validate(customer);

describe('customers who have written before', () => {
  it('are known to the host before its first request', async () => {
    await start();
    expect(await validate(CUSTOMER)).toBe(`{"Id":"${CUSTOMER}"}`);
    expect(await validate(OTHER)).toBe('{"Id":""}');
    expect(cloud.whatsapp.webhooks.list()).toMatchObject([{ state: 'handled', about: { event: 'message' } }]);
    const [phone] = cloud.whatsapp.phones.list();
    expect(phone?.messages).toMatchObject([{ from: 'customer', state: 'received' }]);
  });

  it('are not webhooks that someone waits for', async () => {
    await start();
    expect(cloud.upstream.webhooks.list()).toEqual([]);
  });

  it('wrote before anything else: a message that fails says more', async () => {
    await start({ blockedBy: [CUSTOMER] });
    expect(await validate(CUSTOMER)).toBe(`{"Id":"${CUSTOMER}"}`);
    await cloud.invite();
    await cloud.until('failed');
    expect(await validate(CUSTOMER)).toBe('{"Id":""}');
  });

  it('can be set for a case', async () => {
    await start();
    await cloud.upstream.configure({ numbers: [NOBODY], writtenBy: [NOBODY] });
    expect(await validate(NOBODY)).toBe(`{"Id":"${NOBODY}"}`);
    expect(cloud.upstream.webhooks.list()).toEqual([]);
    const unknown = cloud.upstream.configure({ writtenBy: [OTHER] });
    await expect(unknown).rejects.toMatchObject({ option: 'writtenBy[0]' });
  });

  it('must be on WhatsApp', async () => {
    const refused = start({ writtenBy: [CUSTOMER, NOBODY] });
    await expect(refused).rejects.toThrow('writtenBy[1]: must be one of numbers');
  });

  it('are nothing to a host without webhooks', async () => {
    await start({}, { listens: false });
    expect(cloud.whatsapp.webhooks.list()).toEqual([]);
    expect(cloud.log.lines.filter((line) => line.includes('has written'))).toEqual([]);
  });

  it('are unknown to a host that refuses the webhooks, which the log says', async () => {
    await start({}, { secret: 'another-secret', cloud: { webhooks: { appSecret: 'hunter2-app', retryMs: [] } } });
    expect(await validate(CUSTOMER)).toBe('{"Id":""}');
    expect(cloud.log.lines.join('\n')).toMatch(/the host does not know who has written before: 40[13]/);
  });
});
