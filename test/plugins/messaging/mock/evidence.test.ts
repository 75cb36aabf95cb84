import { afterEach, describe, expect, it } from '@jest/globals';
import { found } from '../setting.js';
import { CloudPlatform, CUSTOMER, NOBODY } from './cloud-platform.js';

let cloud = new CloudPlatform();
afterEach(async () => {
  await cloud.end();
  cloud = new CloudPlatform();
});

const OTHER = '+15162837151';

describe('ValidateContact from evidence, with the mock of Cloud API', () => {
  const start = (whenUnknown: string, settings: object = {}) =>
    cloud.start({ contacts: { from: 'evidence', whenUnknown }, settings });

  it('knows a number when a message was delivered', async () => {
    await start('empty');
    expect(await cloud.validate()).toBe(found(''));
    await cloud.invite();
    await cloud.until('delivered', { customer: CUSTOMER });
    expect([await cloud.validate(), await cloud.validate(OTHER)]).toEqual([found(CUSTOMER), found('')]);
  });

  it('knows a number that is not on WhatsApp when a message has failed', async () => {
    await start('trust');
    expect(await cloud.validate(NOBODY)).toBe(found(NOBODY));
    await cloud.invite(NOBODY);
    await cloud.until('failed');
    expect(await cloud.validate(NOBODY)).toBe(found(''));
  });

  it('follows a customer who blocks the business, and then writes to it', async () => {
    await start('trust', { blockedBy: [CUSTOMER] });
    await cloud.invite();
    await cloud.until('failed');
    expect(await cloud.validate()).toBe(found(''));
    cloud.whatsapp.phones.setBlocking(CUSTOMER, false);
    cloud.whatsapp.phones.write(CUSTOMER, 'Hello');
    await cloud.until('message');
    expect(await cloud.validate()).toBe(found(CUSTOMER));
  });

  it('knows a message that was refused at once', async () => {
    await cloud.start({
      contacts: { from: 'evidence', whenUnknown: 'trust' },
      cloud: { errors: { [CUSTOMER]: 131026 } },
    });
    expect(await cloud.invite()).toContain('error 131026');
    expect(await cloud.validate()).toBe(found(''));
  });

  it('does not take the webhooks that the customer was not reached by as evidence', async () => {
    await start('empty');
    cloud.whatsapp.phones.setOff(CUSTOMER, true);
    await cloud.invite();
    await cloud.until('sent');
    expect(await cloud.validate()).toBe(found(''));
    cloud.whatsapp.phones.setOff(CUSTOMER, false);
    await cloud.until('delivered');
    expect(await cloud.validate()).toBe(found(CUSTOMER));
  });
});
