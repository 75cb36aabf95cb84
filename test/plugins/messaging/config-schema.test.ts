import { expect, it } from '@jest/globals';
import { messagingOptions, whatsAppChannel } from '../../../plugins/messaging/config-schema.js';
import { INDIA } from './setting.js';

it('has the documented defaults', () => {
  const contacts = { driver: 'on-premises', url: 'http://a/', username: 'admin', password: 'hush' };
  const { settings } = { settings: whatsAppChannel.schema.parse({ type: 'whatsapp', phoneNumber: INDIA, contacts }) };
  expect(settings.contacts).toMatchObject({
    url: 'http://a',
    timeoutMs: 5000,
    whenAlwaysValid: 'trust',
    batch: { size: 100, waitMs: 5 },
    cache: { confirmedMs: 86_400_000, unconfirmedMs: 3_600_000, size: 50_000 },
    calls: { atOnce: 8, queued: 500 },
    breaker: { failures: 5, probeAfterMs: 10_000 },
    limits: { warnAt: 0.8, whenSpent: 'fault' },
  });
  const options = messagingOptions.parse({ sharedState: { redis: { url: 'redis://a' } } });
  expect(options.sharedState?.redis).toEqual({ url: 'redis://a', keyPrefix: 'esp-host:', timeoutMs: 200 });
});
